"""Updates of the platform's template, bad ones and harmless ones: the rules about updates notice the bad ones alone."""

import json
from typing import Any

import jsonpatch
import pytest

from stackproof.changes.update import Update
from stackproof.evaluation import scenario
from stackproof.evaluation.acceptance import with_parameters
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.yaml_reader import plain_yaml
from stackproof.rules import rule_files
from stackproof.rules.runner import run_on_updates
from stackproof.template import loader

TEMPLATE = loader.load("lib/TapStack.json")
PAIRS = {pair.name: pair for pair in scenario.load("rules/scenarios.yaml")}
RULES = [rule for rule in rule_files.discover("rules") if rule.on_update]
with open("tests/unit/changes/platform.yaml", encoding="utf-8") as file:  # noqa: PTH123 - read once, when collected
    CASES: Any = plain_yaml(file.read())
BAD = [case for case in CASES if case.get("rules")]
HARMLESS = [case for case in CASES if not case.get("rules")]


def version(case: Any, key: str) -> Deployment:
    """Resolve the template as it is before a case's update, or after it."""
    edit = case.get(key, [])
    edit = {"patch": edit} if isinstance(edit, list) else edit
    value = jsonpatch.apply_patch(TEMPLATE.value, edit.get("patch", []))
    text = json.dumps(value, indent=2)
    for old, new in case.get("references", {}).items() if key == "after" else ():
        for begins, ends in (('"Ref": "', '"'), ('"Fn::GetAtt": [\n', '"'), ("${", "}"), ("${", ".")):
            text = text.replace(f"{begins}{old}{ends}", f"{begins}{new}{ends}")
        text = text.replace(f'"{old}",\n', f'"{new}",\n')
    pair = PAIRS[edit.get("scenario", case.get("scenario", "first"))]
    sides = (with_parameters(side, edit.get("parameters", {})) for side in pair.sides)
    return resolved(loader.parse(text, f"{key}.json"), Pair(pair.name, *sides))


def noticed(case: Any) -> dict[str, list[str]]:
    update = Update(version(case, "before"), version(case, "after"))
    verdicts = [run_on_updates(rule, [update]) for rule in RULES]
    assert [str(error) for verdict in verdicts for error in verdict.errors] == []
    return {
        verdict.rule.name: [finding.message for finding in verdict.findings] for verdict in verdicts if verdict.findings
    }


@pytest.mark.parametrize("case", BAD, ids=[case["name"] for case in BAD])
def test_a_bad_update_is_noticed_by_the_rules_that_it_breaks(case: Any) -> None:
    assert sorted(noticed(case)) == sorted(case["rules"])


@pytest.mark.parametrize("case", HARMLESS, ids=[case["name"] for case in HARMLESS])
def test_a_harmless_update_is_quiet(case: Any) -> None:
    assert noticed(case) == {}


def test_there_are_twelve_bad_updates_and_eight_harmless_ones() -> None:
    assert len(BAD) >= 12
    assert len(HARMLESS) >= 8


def test_every_rule_about_updates_notices_one() -> None:
    named = {name for case in BAD for name in case["rules"]}
    assert {rule.name for rule in RULES} - named == {"types_stay"}  # no update of the platform would be that
