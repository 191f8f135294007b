"""A rule's case tried out: it must be able to fail in every way that it can be wrong."""

from pathlib import Path
from typing import Any

import pytest

from stackproof.evaluation import scenario
from stackproof.foundation.finding import CannotTell, Place
from stackproof.rules import rule_files
from stackproof.rules.cases import run_case
from stackproof.rules.rule_files import Case
from stackproof.template import loader

pytestmark = pytest.mark.usefixtures("small")
STATUS = "/Resources/Bucket/Properties/VersioningConfiguration/Status"
OFF = [{"op": "replace", "path": f"{STATUS}/Fn::If/2", "value": "Suspended"}]


def tried(expect: Any, patch: list[dict[str, Any]], **where: Any) -> str:
    """Try a case of buckets_versioned."""
    named = {"scenario": None, "side": None, "at": None, **where}
    case = Case("buckets_versioned", "a case", expect, patch, **named, place=Place("cases.yaml", 1, 1))
    (rule,) = (rule for rule in rule_files.discover("rules") if rule.name == case.rule)
    return run_case(loader.load("template.json"), scenario.load("scenarios.yaml"), rule, case)


def test_a_case_that_passes_as_it_should_is_right() -> None:
    assert tried("pass", []) == ""


def test_a_case_that_should_pass_but_breaks_the_promise_is_wrong() -> None:
    assert tried("pass", OFF).startswith("it should pass: only target /Resources/Bucket")


def test_a_case_that_should_fail_but_keeps_the_promise_is_wrong() -> None:
    assert tried("fail", []) == "it should fail: nothing is found"


def test_a_case_that_fails_where_it_says_is_right() -> None:
    assert tried("fail", OFF, scenario="only", side="target", at="/Resources/Bucket") == ""


@pytest.mark.parametrize("where", [{"side": "source"}, {"at": "/Resources/Buck"}, {"at": "/Resources/Topic"}])
def test_a_case_that_fails_elsewhere_is_wrong(where: dict[str, str]) -> None:
    assert tried("fail", OFF, **where).startswith("it should fail only where the case says")


def test_a_case_of_an_unknown_scenario_cannot_be_tried() -> None:
    with pytest.raises(CannotTell, match="unknown scenario 'fnord'"):
        tried("fail", OFF, scenario="fnord")


@pytest.mark.parametrize(
    "patch", [{"op": "remove", "path": "/Resources/Fnord"}, {"op": "fnord", "path": ""}, {"path": 1}]
)
def test_a_patch_that_does_not_apply_cannot_be_tried(patch: dict[str, Any]) -> None:
    with pytest.raises(CannotTell, match="does not apply"):
        tried("fail", [patch])


BAD_CASES = {
    "an unknown key": "- {name: x, expect: pass, patch: [], fnord: 1}",
    "a missing key": "- {name: x, expect: pass}",
    "an unknown expectation": "- {name: x, expect: maybe, patch: []}",
    "an unknown side": "- {name: x, expect: fail, side: left, patch: []}",
    "a patch that is no list": "- {name: x, expect: pass, patch: {}}",
    "no case at all": "{}",
}


@pytest.mark.parametrize("text", BAD_CASES.values(), ids=BAD_CASES)
def test_a_file_of_cases_that_is_not_understood_is_refused(text: str) -> None:
    rule = next(rule for rule in rule_files.discover("rules") if rule.name == "buckets_named")
    Path(rule.cases_path).write_text(text)
    with pytest.raises(CannotTell) as refusal:
        rule_files.cases(rule)
    assert refusal.value.place is not None
