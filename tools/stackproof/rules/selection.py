"""Which rules are run, and how bad each of them is, as a configuration or the command line says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from stackproof.foundation.finding import CannotTell, Place, Severity
from stackproof.rules.rule_files import PACKS, Rule, SettingValue, former_names

ALL = "all"
LINT_ID = re.compile("[EWI][0-9]{4}")
OF_THE_GATE = ("scenario_coverage", "suppression", "refuses_parameters", "accepts_parameters")
"""What the gate itself finds, beside rules and cfn-lint."""


def members(rules: Sequence[Rule], names: Iterable[str], place: Place | None) -> set[str]:
    """Return the names of the rules that names of rules, packs, families, or "all" stand for; also ids of cfn-lint.

    Raises CannotTell for a name of nothing.
    """
    former = former_names(rules)
    found: set[str] = set()
    for name in names:
        same = {rule.name for rule in rules if name in (ALL, rule.pack, rule.family, rule.name)}
        if not same and name in former:
            same = {former[name]}
        if not same and (LINT_ID.fullmatch(name) or name in OF_THE_GATE):
            same = {name}
        if not same and name not in (*PACKS, ALL):
            fix = f"name a rule, one of the packs {', '.join(PACKS)}, a family, or {ALL}; see `stackproof rules`"
            raise CannotTell(f"there is no rule, pack or family {name!r}", place, fix)
        found |= same
    return found


def graded(rules: Sequence[Rule], severities: Mapping[str, Severity], place: Place | None) -> dict[str, Severity]:
    """Return by rule the severities that are given by rule, pack or family: what names a rule alone counts most."""
    severity_of: dict[str, Severity] = {}
    narrow = {rule.name for rule in rules} | {*former_names(rules)}
    for name, severity in sorted(severities.items(), key=lambda item: item[0] in narrow):
        severity_of |= dict.fromkeys(members(rules, [name], place), severity)
    return severity_of


def with_settings(rules: Sequence[Rule], values_of: Mapping[str, tuple[SettingValue, ...]]) -> tuple[Rule, ...]:
    """Return rules with the settings given by name; raise CannotTell for a name of no rule."""
    former = former_names(rules)
    by_name = {former.get(name, name): values for name, values in values_of.items()}
    for name in by_name.keys() - {rule.name for rule in rules}:
        place = by_name[name][0].place if by_name[name] else None
        message = f"settings are given to the rule {name!r}, which there is not"
        raise CannotTell(message, place, "see `stackproof rules`")
    return tuple(replace(rule, setting_values=by_name.get(rule.name, ())) for rule in rules)
