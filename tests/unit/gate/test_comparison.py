"""A check against a version before: rules about updates are run, and where nothing is compared nobody misses them."""

import json
from datetime import date
from pathlib import Path

import pytest

from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.gate.project import Former

RULE = '''"""No bucket gets another name.

on: update
"""

APPLIES_TO = ("AWS::S3::Bucket",)


def check(update):
    for side, change in update.changes:
        if change.kind in APPLIES_TO and change.action == "replace":
            yield side.finding(change, f"{change.logical} is replaced", "take the change back")
'''
CASES = """
- {name: it stays, expect: pass, after: []}
- name: it gets another name
  expect: fail
  after: [{op: replace, path: /Resources/Bucket/Properties/BucketName, value: x}]
"""
NAME = "data-${Suffix}-${AWS::Region}"


@pytest.fixture(autouse=True)
def rule(small: Path) -> None:
    Path(small, "rules/buckets_stay.py").write_text(RULE)
    Path(small, "rules/buckets_stay.cases.yaml").write_text(CASES)


def checked(*against: Former, project: str = "none") -> Outcome:
    inputs = Inputs("template.json", "rules", "scenarios.yaml", project, date(2026, 1, 1), against=against)
    return check(inputs, lint=False)


def former(old: str = "", new: str = "", **more: str) -> Former:
    text = Path("template.json").read_text()
    assert old in text
    return Former("template.json", text.replace(old, new) if old else text, "HEAD:template.json", **more)


def found(outcome: Outcome) -> list[tuple[str, str]]:
    return [(finding.rule, finding.side) for finding in outcome.findings if finding.rule == "buckets_stay"]


def test_what_the_update_does_is_found() -> None:
    outcome = checked(former(NAME, f"old-{NAME}"))
    assert found(outcome) == [("buckets_stay", "source"), ("buckets_stay", "target")]
    assert outcome.exit == 1


def test_an_update_that_changes_nothing_is_quiet() -> None:
    outcome = checked(former())
    assert (found(outcome), outcome.errors) == ([], ())


def test_without_a_version_before_the_rule_applies_to_nothing_though_it_is_required() -> None:
    Path("stackproof.toml").write_text('select = ["all"]\nrequired = ["buckets_stay"]\n')
    outcome = checked(project="stackproof.toml")
    assert [verdict.rule.name for verdict in outcome.verdicts if not verdict.applies] == ["buckets_stay"]
    assert outcome.errors == ()


def test_a_finding_of_an_update_is_suppressed_where_the_resource_stands() -> None:
    value = json.loads(Path("template.json").read_text())
    entry = {"rule": "buckets_stay", "reason": "a new bucket is meant"}
    value["Resources"]["Bucket"]["Metadata"] = {"stackproof": {"ignore": [entry]}}
    Path("template.json").write_text(json.dumps(value))
    assert found(checked(former(NAME, f"old-{NAME}"))) == []
    assert checked().findings == ()  # where nothing is compared it is no use, and that is no finding


def test_a_template_that_is_new_is_compared_with_nothing_and_says_so() -> None:
    outcome = checked(Former("template.json", "", "HEAD:template.json"))
    assert "HEAD:template.json: there is none, so nothing is updated" in outcome.notes
    assert outcome.errors == ()


@pytest.mark.parametrize("text", ["{", '{"Resources": {}}', '{"Resources": {"A": {"Type": "X", "Properties": 1}}}'])
def test_a_version_before_that_cannot_be_read_is_an_error(text: str) -> None:
    outcome = checked(Former("template.json", text, "HEAD:template.json"))
    assert [error.place.path for error in outcome.errors if error.place] == ["HEAD:template.json"]
    assert outcome.exit == 2


def test_a_version_before_that_could_not_be_deployed_is_an_error() -> None:
    outcome = checked(former('"Fn::Equals"', '"Fn::Fnord"'))
    assert outcome.exit == 2
    assert "compare with a version that can be deployed" in str(outcome.errors[0])


def test_parameters_are_those_that_the_scenarios_had_then() -> None:
    then = Path("scenarios.yaml").read_text().replace("{Suffix: abc}", "{Suffix: abc, Main: eu-west-1}")
    outcome = checked(former('"data-${Suffix}', '"${Main}-${Suffix}', scenarios=then, scenarios_path="scenarios.yaml"))
    names = [change.properties_of("before").get("BucketName") for _, change in outcome.updates[0].changes]
    assert "eu-west-1-abc-us-east-1" in names


@pytest.mark.parametrize(("old", "new"), [("abc", "xyz"), ("eu-central-1", "eu-west-1")])
def test_another_environment_is_compared_with_its_parameters_of_now(old: str, new: str) -> None:
    then = Path("scenarios.yaml").read_text().replace(old, new)
    outcome = checked(former(scenarios=then, scenarios_path="scenarios.yaml"))
    assert found(outcome) == []
    assert "HEAD:template.json: another environment was meant by only" in outcome.notes[-1]


def test_a_scenario_that_is_new_is_compared_with_nothing_and_says_so() -> None:
    then = Path("scenarios.yaml").read_text().replace("name: only", "name: former")
    outcome = checked(former(NAME, f"old-{NAME}", scenarios=then, scenarios_path="scenarios.yaml"))
    assert found(outcome) == []
    assert "HEAD:template.json has no scenario only: compared with nothing" in outcome.notes
