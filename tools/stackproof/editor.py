"""The gate's findings as rules of cfn-lint, which editors run: `append_rules: [stackproof.editor]` in .cfnlintrc.

cfn-lint leaves the ids from 9000 on to rules of others, and numbers those of a custom rules file from 9001.
Source: https://pypi.org/project/cfn-lint-ax/ ("User Rules (E9XXX)"), cfnlint/rules/custom/__init__.py
"""

# mypy: disable-error-code="import-untyped,misc"

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path as FilePath
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from stackproof.foundation.finding import Finding, Place
from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.report.source_lines import Sources
from stackproof.report.text import grouped, said_where

INSIDE = "stackproof.lint.worker"
"""The module that is there where the gate itself runs cfn-lint: there the gate's findings are not cfn-lint's."""
TEMPLATE, RULES, SCENARIOS = "lib/TapStack.json", "rules", "rules/scenarios.yaml"


class RuleFails(CloudFormationLintRule):
    id = "E9700"
    shortdesc = "A rule fails in one of the two stacks"
    description = "What stackproof finds in the stacks of all scenarios, on the line of the template that it comes from"
    tags = ("stackproof",)

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "template": {"default": TEMPLATE, "type": "string"},
            "rules": {"default": RULES, "type": "string"},
            "scenarios": {"default": SCENARIOS, "type": "string"},
        }
        self.configure()

    def match(self, cfn: Any) -> Iterator[RuleMatch]:
        template = str(self.config["template"])
        if INSIDE in sys.modules or not _same(cfn.filename, template):
            return
        inputs = (template, str(self.config["rules"]), str(self.config["scenarios"]))
        outcome = check(Inputs(*inputs, "pyproject.toml", date.today()), lint=False)
        yield from _matches(outcome)


class RulesCannotTell(CloudFormationLintRule):
    id = "E9701"
    shortdesc = "Whether the rules pass cannot be told"
    description = "What keeps stackproof from telling; reported with the findings of E9700"
    tags = ("stackproof",)


def _matches(outcome: Outcome) -> Iterator[RuleMatch]:
    for group in grouped(outcome.findings):
        yield _match(outcome, group[0].place, _message(group[0], said_where(group)))
    for error in outcome.errors:
        text = f"{error.message}; fix: {error.fix}" if error.fix else error.message
        yield _match(outcome, error.place, f"cannot tell: {text}", rule=RulesCannotTell())


def _match(outcome: Outcome, place: Place | None, message: str, **more: Any) -> RuleMatch:
    """Return a match in the template; of what stands in another file, one that names it at the template's beginning."""
    if place is None or place.path != outcome.path:
        message, place = f"{place}: {message}" if place else message, Place(outcome.path, 1, 1)
    last = Sources(outcome.texts).end(place)
    # cfn-lint counts from 0 here.
    location = (place.line - 1, place.column - 1, last.line - 1, last.column - 1)
    return RuleMatch([], message, location=location, **more)


def _message(finding: Finding, where: str) -> str:
    start = f"{finding.rule} [{where}]" if where else finding.rule
    return f"{start}: {finding.message}{f'; fix: {finding.fix}' if finding.fix else ''}"


def _same(path: Any, template: str) -> bool:
    try:
        return FilePath(str(path)).samefile(template)
    except OSError:
        return False
