"""Mistakes of several lines, planted in the template as a pull request would bring them: a rule names each.

Only the rule that has to find it is run, in two scenarios, so that a mistake costs a tenth of a second.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Subjects, run_rule
from stackproof.template import loader

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PLANTED: list[dict[str, Any]] = yaml.safe_load((HERE / "planted/pull_requests.yaml").read_text(encoding="utf-8"))
JUDGED = ("peering", "hosted-zone")
"""Scenarios that between them have every resource."""


@cache
def rules() -> dict[str, Rule]:
    return {rule.name: rule for rule in rule_files.discover(str(ROOT / "rules"))}


@cache
def text() -> str:
    return (ROOT / "lib/TapStack.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("planted", PLANTED, ids=lambda entry: str(entry["name"]))
def test_a_mistake_of_several_lines_is_named(planted: dict[str, Any]) -> None:
    template = loader.parse(json.dumps(jsonpatch.apply_patch(json.loads(text()), planted["patch"])), "TapStack.json")
    pairs = [pair for pair in scenario.load(str(ROOT / "rules/scenarios.yaml")) if pair.name in JUDGED]
    verdict = run_rule(rules()[planted["names"]], [resolved(template, pair) for pair in pairs], Subjects())
    assert verdict.findings and not verdict.errors
