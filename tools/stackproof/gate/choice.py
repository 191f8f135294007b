"""Which rules are run, which of them must apply, and how bad each finding is, as a project has configured it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stackproof.foundation.finding import Finding, Severity
from stackproof.gate.configuration import Configuration
from stackproof.rules.rule_files import Rule, SettingValue
from stackproof.rules.selection import graded, members, with_settings


@dataclass(frozen=True)
class Choice:
    """The rules to run; the names of those that must apply, of what is left out, and the severities given by name."""

    rules: tuple[Rule, ...]
    required: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] | None = None

    def leaves_out(self, finding: Finding) -> bool:
        return finding.rule in self.ignored

    def graded(self, finding: Finding) -> Finding:
        """Return a finding with the severity that is given its rule, if one is."""
        severity = (self.severities or {}).get(finding.rule)
        return replace(finding, severity=severity) if severity else finding


def made(
    found: Sequence[Rule],
    project: Configuration,
    select: tuple[str, ...] | None = None,
    ignore: tuple[str, ...] | None = None,
) -> Choice:
    """Return what a project, or in its place the command line, chooses; raise CannotTell for a name of nothing."""
    in_project = project.place("select"), project.place("ignore")
    wanted = members(found, project.select if select is None else select, None if select else in_project[0])
    ignored = members(found, project.ignore if ignore is None else ignore, None if ignore else in_project[1])
    required = members(found, project.texts("required"), project.place("required"))
    severities = graded(found, project.severity, project.place("severity"))
    setting_values = {
        name: tuple(
            SettingValue(key, json.dumps(value), project.place("rule", name, key)) for key, value in values.items()
        )
        for name, values in project.settings.items()
    }
    rules = tuple(
        replace(rule, severity=severities.get(rule.name, rule.severity))
        for rule in with_settings(found, setting_values)
        if rule.name in wanted - ignored
    )
    return Choice(rules, frozenset(required), frozenset(ignored), severities)
