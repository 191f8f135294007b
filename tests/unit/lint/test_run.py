"""cfn-lint on a template and on its folded sides: what it finds, where, how often, and what keeps it from telling."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.stack import Stack, fold
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding
from stackproof.lint import process, run
from stackproof.template import loader

REGIONS = ("us-east-1", "eu-central-1")
CONDITION = {"IsSource": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
DAYS = {"Days": {"Type": "Number"}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a folder without .cfnlintrc, at home in another."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def written(resources: dict[str, Any], **sections: Any) -> Document:
    value = {"AWSTemplateFormatVersion": "2010-09-09", **sections, "Resources": resources}
    return loader.parse(json.dumps(value, indent=2), "template.json")


def folded(document: Document, *regions: str, **parameters: str) -> list[Stack]:
    return [
        fold(document, scenario.command_line(region, "111111111111", "stack", parameters))
        for region in regions or REGIONS
    ]


def found(document: Document, **parameters: str) -> list[Finding]:
    return run.start(document, folded(document, **parameters), REGIONS).finish()


def queue(period: Any) -> dict[str, Any]:
    """A queue whose period must be 60 to 1,209,600 (E3034)."""
    return {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": period}}}


def short(period: Any, **sections: Any) -> Document:
    """A template with a queue whose period is too short once the parameter is known."""
    return written(queue(period), Parameters=DAYS, Conditions=CONDITION, **sections)


def topic(**properties: Any) -> dict[str, Any]:
    return {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}


def test_a_sound_template_has_no_finding() -> None:
    assert found(written(topic(TopicName="events"))) == []


def test_what_is_wrong_as_written_and_on_every_side_is_found_once() -> None:
    assert [(finding.rule, finding.scenario, finding.side) for finding in found(written(topic(Topic="x")))] == [
        ("E3002", "", "both")
    ]


def test_what_only_a_scenario_makes_wrong_is_found_on_its_side_at_the_templates_line() -> None:
    document = short({"Fn::If": ["IsSource", 60, {"Ref": "Days"}]})
    line = document.text[: document.text.index('"Ref": "Days"')].count("\n")
    stacks = folded(document, "eu-central-1", Days="7")
    (finding,) = run.start(document, [*folded(document, "us-east-1", Days="7"), *stacks], REGIONS).finish()
    assert (finding.rule, finding.scenario, finding.place.line) == ("E3034", "the command line", line)


ACCELERATOR = {"Type": "AWS::GlobalAccelerator::Accelerator", "Properties": {"Name": "entry", "Enabled": True}}
CHINA = ("cn-north-1", "cn-northwest-1")


def test_a_type_that_a_condition_keeps_out_of_a_region_is_not_missed_there() -> None:
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    entry = {**ACCELERATOR, "Condition": "IsSource"}
    document = written({"Handle": handle, "Entry": entry}, Conditions=CONDITION)
    found = run.start(document, folded(document, "us-east-1", *CHINA), ["us-east-1", *CHINA]).finish()
    assert [item for item in found if item.rule == "E3006"] == []


def test_a_type_that_a_region_lacks_is_found_where_it_is_in_the_stack() -> None:
    document = written({"Entry": ACCELERATOR})
    found = run.start(document, folded(document, *CHINA), list(CHINA)).finish()
    assert {region for region in CHINA for item in found if item.rule == "E3006" and region in item.message} == {*CHINA}


def test_without_stacks_all_that_is_found_as_written_counts() -> None:
    document = written({"Entry": ACCELERATOR})
    assert "E3006" in {item.rule for item in run.start(document, [], list(CHINA)).finish()}


def test_what_several_stacks_have_is_found_once() -> None:
    document = short({"Fn::If": ["IsSource", {"Ref": "Days"}, {"Ref": "Days"}]})
    stacks = folded(document, *REGIONS, *REGIONS, "us-west-2", Days="7")
    assert len(run.start(document, stacks, REGIONS).finish()) == 2  # one for each branch


def test_the_projects_configuration_ignores_on_folded_sides_too(folder: Path) -> None:
    (folder / ".cfnlintrc").write_text("ignore_checks: [E3034]")
    assert found(short({"Fn::If": ["IsSource", 60, {"Ref": "Days"}]}), Days="7") == []


def test_the_projects_configuration_turns_information_on(folder: Path) -> None:
    (folder / ".cfnlintrc").write_text("include_checks: [I]")
    table = {
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    assert {item.rule for item in found(written({"Table": {"Type": "AWS::DynamoDB::Table", "Properties": table}}))} == {
        "I3011"
    }


@pytest.mark.parametrize("where", ["template", "resource"])
def test_metadata_ignores_on_folded_sides_too(where: str) -> None:
    ignore = {"cfn-lint": {"config": {"ignore_checks": ["E3034"]}}}
    resources, sections = queue({"Ref": "Days"}), {}
    if where == "template":
        sections["Metadata"] = ignore
    else:
        resources["Queue"]["Metadata"] = ignore
    assert found(written(resources, Parameters=DAYS, **sections), Days="7") == []


def refused(document: Document) -> str:
    with pytest.raises(CannotTell) as caught:
        found(document)
    return str(caught.value)


CRASHING = """
from cfnlint.rules import CloudFormationLintRule
class Crashing(CloudFormationLintRule):
    id = "E9999"
    def match(self, cfn):
        raise ValueError("no idea")
"""


@pytest.mark.parametrize("ignored", ["[]", "[E0002]"])
def test_a_rule_that_crashes_is_an_error_even_if_ignored(folder: Path, ignored: str) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "Crashing.py").write_text(CRASHING)
    (folder / ".cfnlintrc").write_text(f"append_rules: [own]\nignore_checks: {ignored}")
    assert "E0002" in refused(written(topic()))


@pytest.mark.parametrize("configuration", ["fnord: true", "append_rules: [nowhere]", "a: [", "regions: 7"])
def test_a_configuration_that_cfn_lint_refuses_is_an_error(folder: Path, configuration: str) -> None:
    (folder / ".cfnlintrc").write_text(configuration)
    assert "cfn-lint did not run" in refused(written(topic()))


def test_a_template_that_cfn_lint_cannot_read_is_an_error_with_its_place() -> None:
    assert refused(written(topic(TopicName=None))).startswith("template.json:")


def test_a_region_that_cfn_lint_does_not_know_is_an_error() -> None:
    lint_run = run.start(written(topic()), [], ["mars-north-1"])
    with pytest.raises(CannotTell, match="mars-north-1"):
        lint_run.finish()


def test_a_process_that_ends_without_a_word_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "COMMAND", ["false"])
    assert "it said nothing" in refused(written(topic()))


def test_a_process_that_dies_says_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "COMMAND", [*process.COMMAND[:-2], "import nowhere", ""])
    assert "No module named" in refused(written(topic()))


def test_a_run_that_nobody_wants_can_be_stopped() -> None:
    lint_process = process.Process()
    lint_process.stop()
    lint_process.stop()


def test_two_templates_in_one_process_each_get_their_own_findings() -> None:
    lint_process = process.Process()
    documents = written(queue(7)), written(topic(Fnord=1))
    runs = [run.Run(lint_process, document, folded(document), REGIONS) for document in documents]
    lint_process.begin()
    assert [{finding.rule for finding in each.finish()} for each in runs] == [{"E3034"}, {"E3002"}]


WELL_WRITTEN = {
    "E1029": topic(DisplayName={"Fn::Sub": "${!Topic}"}),
    "I1022": {"Joined": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::Sub": "${Days}-${Queue}-${!Days}"}}}},
    "I3042": {"Arn": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:1:${Queue.QueueName}"}}}},
    "W2501": {"Login": {"Type": "AWS::IAM::User", "Properties": {"LoginProfile": {"Password": {"Ref": "Secret"}}}}},
    "W3005": {"Named": {"Type": "AWS::SSM::Parameter", "DependsOn": "Queue", "Properties": {
        "Type": "String", "Value": {"Fn::If": ["IsSource", {"Ref": "Queue"}, "none"]}}}},
    "W3010": {"Volume": {"Type": "AWS::EC2::Volume", "Properties": {
        "Size": 8, "AvailabilityZone": {"Fn::Sub": "${AWS::Region}a"}}}},
}  # fmt: skip
"""For each rule that is judged as written only, resources that are written as it wants them, until they are folded."""


def judged_on_sides(folder: Path) -> set[str]:
    """Return the rules that find something on a folded side of a template that is written well."""
    (folder / ".cfnlintrc").write_text("include_checks: [I]")
    resources = {name: resource for resources in WELL_WRITTEN.values() for name, resource in resources.items()}
    parameters = {**DAYS, "Secret": {"Type": "String", "NoEcho": True}}
    document = written({**queue(60), **resources}, Parameters=parameters, Conditions=CONDITION)
    return {finding.rule for finding in found(document, Days="7", Secret="hunter2") if finding.scenario}


def test_a_rule_on_writing_would_speak_of_what_folding_did(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AS_WRITTEN", {})
    assert judged_on_sides(folder) >= set(WELL_WRITTEN)


def test_a_rule_on_writing_judges_the_template_as_written_only(folder: Path) -> None:
    assert judged_on_sides(folder) & set(WELL_WRITTEN) == set()


def test_no_rule_is_judged_as_written_only_without_need() -> None:
    assert set(run.AS_WRITTEN) == set(WELL_WRITTEN)


def test_replacements_of_cfn_lint_that_do_not_apply_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = "import cfnlint.conditions.conditions as c\ndel c.Conditions.satisfiable\nfrom stackproof.lint.worker"
    command = [part.replace("from stackproof.lint.worker", changed) for part in process.COMMAND]
    monkeypatch.setattr(process, "COMMAND", command)
    started = run.start(written(topic()), [], ["us-east-1"])
    assert started.finish() == []
    assert re.fullmatch(r"cfn-lint [\d.]+: 13 of 14 speedups apply", started.note)
