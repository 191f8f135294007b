"""Further templates of a project: checked with the same rules, reported as one."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli import main
from stackproof.cli.check import Request, answer
from stackproof.foundation.finding import CannotTell
from stackproof.gate.configuration import in_text, read
from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.gate.project import Member, further_templates, member

TOPIC = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {"AlarmTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alarms"}}},
}
SCENARIOS = """
deployments:
  - {name: topics, source: {region: us-east-1}, target: {region: eu-central-1}}
"""
ENTRY = '[[tool.stackproof.templates]]\ntemplate = "topics.json"\nscenarios = "topics.yaml"\n'
MAIN = ("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1))


@pytest.fixture
def project(small: Path) -> None:
    assert Path.cwd() == small
    Path("topics.json").write_text(json.dumps(TOPIC, indent=2))
    Path("topics.yaml").write_text(SCENARIOS)
    Path("pyproject.toml").write_text(ENTRY)


def proven(*, further: bool = True) -> Outcome:
    return check(Inputs(*MAIN, further=further_templates(read("pyproject.toml")) if further else ()), lint=False)


@pytest.mark.usefixtures("project")
def test_both_templates_are_counted_in_one_outcome() -> None:
    alone, both = proven(further=False), proven()
    assert both.exit == 0
    assert both.further == ("topics.json",)
    assert [pair.name for pair in both.pairs] == [*(pair.name for pair in alone.pairs), "topics"]
    assert [verdict.rule for verdict in both.verdicts] == [verdict.rule for verdict in alone.verdicts]


@pytest.mark.usefixtures("project")
def test_a_rule_that_speaks_of_nothing_in_a_further_template_is_no_error_there() -> None:
    arguments = ("topics.json", "rules", "topics.yaml", "pyproject.toml", date(2026, 1, 1))
    Path("pyproject.toml").write_text('[tool.stackproof]\nrequired = ["all"]\n')
    first = check(Inputs(*arguments), lint=False)
    assert all("applies to nothing" in error.message for error in first.errors)
    assert first.exit == 2
    further = check(Inputs(*arguments, own=False), lint=False)
    assert further.exit == 0
    assert not any(verdict.applies for verdict in further.verdicts)


@pytest.mark.usefixtures("project")
def test_a_finding_in_a_further_template_fails_the_project() -> None:
    broken: dict[str, Any] = json.loads(json.dumps(TOPIC))
    broken["Resources"]["LostBucket"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lost"}}
    Path("topics.json").write_text(json.dumps(broken, indent=2))
    outcome = proven()
    assert outcome.exit == 1
    assert {finding.place.path for finding in outcome.findings} == {"topics.json"}


@pytest.mark.usefixtures("project")
def test_a_further_template_that_cannot_be_read_is_no_pass() -> None:
    Path("topics.json").unlink()
    outcome = proven()
    assert outcome.exit == 2
    assert [error.place.path for error in outcome.errors if error.place] == ["topics.json"]


@pytest.mark.usefixtures("project")
def test_a_suppression_of_the_project_may_serve_any_of_its_templates() -> None:
    broken: dict[str, Any] = json.loads(json.dumps(TOPIC))
    broken["Resources"]["LostBucket"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lost"}}
    Path("topics.json").write_text(json.dumps(broken, indent=2))
    rules = {finding.rule for finding in proven().findings}
    ignored = "".join(f'{rule} = {{ reason = "a test" }}\n' for rule in sorted(rules))
    Path("pyproject.toml").write_text(f"{ENTRY}[tool.stackproof.ignore]\n{ignored}")
    assert proven().exit == 0


@pytest.mark.usefixtures("project")
def test_two_scenarios_of_one_name_are_refused() -> None:
    name = proven(further=False).pairs[0].name
    Path("topics.yaml").write_text(SCENARIOS.replace("topics", name))
    assert [error.message for error in proven().errors] == [
        f"scenarios of template.json and of topics.json are both named {name!r}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        ENTRY + 'rules = "rules"\n',
        '[[tool.stackproof.templates]]\ntemplate = "topics.json"\n',
        ENTRY.replace('"topics.yaml"', "3"),
        '[tool.stackproof]\ntemplates = ["topics.json"]\n',
        "[tool.stackproof]\ntemplates = 3\n",
        "[tool.stackproof\n",
        "tool = 3\n",
    ],
    ids=["another key", "no scenarios", "a number", "texts", "no list", "no TOML", "no table"],
)
@pytest.mark.usefixtures("small")
def test_what_is_no_template_with_its_scenarios_is_refused(text: str) -> None:
    Path("pyproject.toml").write_text(text)
    with pytest.raises(CannotTell) as caught:
        further_templates(read("pyproject.toml"))
    assert caught.value.fix


@pytest.mark.usefixtures("project")
def test_a_further_template_brings_its_scenarios_unless_others_are_given() -> None:
    project = read("pyproject.toml")
    assert member(project, "topics.json", None) == Member("topics.json", "topics.yaml")
    assert member(project, "./topics.json", "e.yaml") == Member("./topics.json", "e.yaml")


@pytest.mark.usefixtures("project")
def test_a_template_checked_with_the_scenarios_of_the_project_stands_in_the_place_of_its_own() -> None:
    project = in_text('[tool.stackproof]\nscenarios = "scenarios.yaml"\n', "pyproject.toml")
    assert member(project, "other.json", None) == Member("other.json", "scenarios.yaml", own=True)
    assert member(project, "other.json", "./scenarios.yaml").own
    assert not member(project, "other.json", "topics.yaml").own


@pytest.mark.usefixtures("project")
def test_without_arguments_the_project_is_checked_and_reported_as_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("pyproject.toml").write_text(f'[tool.stackproof]\ntemplate = "template.json"\n{ENTRY}')
    arguments = ["--scenarios", "scenarios.yaml", "--no-lint", "--no-cache"]
    assert main.main(["check", *arguments]) == 0
    assert "template.json, topics.json: " in capsys.readouterr().out
    assert main.main(["check", *arguments, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
    Path("topics.yaml").unlink()
    assert main.main(["check", *arguments]) == 2


@pytest.mark.usefixtures("project")
def test_what_is_kept_of_a_project_depends_on_its_further_templates() -> None:
    request = Request(
        MAIN[0],
        (MAIN[1],),
        *MAIN[2:4],
        MAIN[4],
        False,
        ("json",),
        True,
        further=further_templates(read("pyproject.toml")),
    )
    assert answer(request).exit == 0
    assert answer(request).kept
    Path("topics.json").write_text(json.dumps(TOPIC, indent=4))
    assert not answer(request).kept
