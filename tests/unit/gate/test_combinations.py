"""Every rule on stacks of all combinations of conditions: what scenarios do not show is found, and listed."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome

RULE = '''"""No topic is public."""

APPLIES_TO = ("AWS::SNS::Topic",)


def check(deployment):
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::SNS::Topic"):
            if properties.get("DisplayName") == "public":
                yield stack.finding(("Resources", logical), f"{logical} is public", "make it private")
'''
CASES = """- {name: a, expect: pass, patch: []}
- {name: b, expect: fail, patch: [{op: add, path: /Resources/T/Properties/DisplayName, value: public}]}
"""
SCENARIOS = """deployments:
  - {name: one, parameters: {P: a}, source: {region: us-east-1}, target: {region: eu-central-1}}
"""
DECLARED = {"P": {"Type": "String", "AllowedPattern": "[a-c]"}, "Q": {"Type": "String", "Default": "no"}}


def template(display: Any, conditions: dict[str, Any]) -> dict[str, Any]:
    resources = {"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": display}}}
    return {"Parameters": DECLARED, "Conditions": conditions, "Resources": resources}


IS_B = {"IsB": {"Fn::Equals": [{"Ref": "P"}, "b"]}}


def proved(folder: Path, value: dict[str, Any], *, combinations: bool = True) -> Outcome:
    (folder / "rules" / "family").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "family" / "private.py").write_text(RULE, encoding="utf-8")
    (folder / "rules" / "family" / "private.cases.yaml").write_text(CASES, encoding="utf-8")
    (folder / "scenarios.yaml").write_text(SCENARIOS, encoding="utf-8")
    (folder / "t.json").write_text(json.dumps(value), encoding="utf-8")
    paths = (str(folder / "t.json"), str(folder / "rules"), str(folder / "scenarios.yaml"), str(folder / "none.toml"))
    inputs = Inputs(*paths, date(2026, 11, 29), combinations=combinations, select=("all",))
    return check(inputs, lint=False)


def test_a_rule_that_a_combination_without_a_scenario_breaks_is_found(tmp_path: Path) -> None:
    value = template({"Fn::If": ["IsB", "public", "private"]}, IS_B)
    found = [finding for finding in proved(tmp_path, value).findings if finding.rule == "private"]
    assert {item.message for item in found} == {"T is public"}
    assert not [
        finding for finding in proved(tmp_path, value, combinations=False).findings if finding.rule == "private"
    ]


def test_a_combination_without_a_scenario_is_listed_with_its_parameters(tmp_path: Path) -> None:
    notes = proved(tmp_path, template({"Fn::If": ["IsB", "x", "y"]}, IS_B)).notes
    assert notes[0] == "aws: 2 combinations of conditions, all checked in 1 pairs of stacks more"
    assert notes[1].startswith("no scenario has: IsB true: ")
    assert notes[1].endswith(" with P=b")


def test_stacks_that_are_equal_are_judged_once(tmp_path: Path) -> None:
    notes = proved(tmp_path, template("x", IS_B)).notes
    assert notes[0] == "aws: 2 combinations of conditions, all checked in 0 pairs of stacks more"


def test_what_cannot_be_decided_is_an_error(tmp_path: Path) -> None:
    declared = {**DECLARED, "P": {"Type": "String", "AllowedPattern": "(a|b|c)(?:\\1)?"}}
    outcome = proved(tmp_path, {**template("x", IS_B), "Parameters": declared})
    assert [error.message for error in outcome.errors] == [
        "the combinations of conditions are undecided: AllowedPattern of P has a back reference"
    ]


@pytest.mark.parametrize("conditions", [{}, IS_B])
def test_a_template_whose_scenarios_have_all_combinations_gets_nothing_new(
    tmp_path: Path, conditions: dict[str, Any]
) -> None:
    outcome = proved(tmp_path, template("x", conditions))
    assert not [finding for finding in outcome.findings if finding.rule == "private"]
