"""The command `permissions`: what it prints, what it compares, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli import main

Captured = pytest.CaptureFixture[str]
PREREQUISITES = "lib/Prerequisites.json"
SMALL = {
    "Resources": {
        "T": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Fn::Sub": "orders-${AWS::Region}"}}},
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
    }
}
PAIR = {"deployments": [{"name": "one", "source": {"region": "us-east-1"}, "target": {"region": "eu-west-1"}}]}


def run(*arguments: str) -> int:
    return main.main(["permissions", *arguments])


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    (tmp_path / "t.json").write_text(json.dumps(SMALL))
    (tmp_path / "s.yaml").write_text(json.dumps(PAIR))
    return [str(tmp_path / "t.json"), "--scenarios", str(tmp_path / "s.yaml")]


def actions(document: Any) -> set[str]:
    return {
        action
        for item in document["Statement"]
        for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
    }


def test_one_document_is_printed_by_itself(small: list[str], capsys: Captured) -> None:
    assert run(*small) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"dynamodb:CreateTable", "sqs:DeleteQueue"} <= actions(document)
    assert f"{'arn:aws:dynamodb:eu-west-1:111111111111:table/orders-eu-west-1'}" in json.dumps(document)


def test_only_what_is_asked_for(small: list[str], capsys: Captured) -> None:
    assert run(*small, "--for", "delete") == 0
    found = actions(json.loads(capsys.readouterr().out))
    assert ("dynamodb:DeleteTable" in found, "dynamodb:CreateTable" in found) == (True, False)


def test_a_table_says_what_each_action_is_for(small: list[str], capsys: Captured) -> None:
    assert run(*small, "--format", "table") == 0
    out = capsys.readouterr().out
    assert "sqs:CreateQueue  create AWS::SQS::Queue\n    arn:aws:sqs:eu-west-1:111111111111:q\n" in out
    assert "dynamodb:ImportTable  AWS::DynamoDB::Table: only with ImportSourceSpecification" in out
    assert "%) on named resources, the others know none\n1 managed policies of " in out


def test_a_role_is_a_template_that_its_own_check_passes(small: list[str], tmp_path: Path, capsys: Captured) -> None:
    assert run(*small, "--role") == 0
    (tmp_path / "role.json").write_text(capsys.readouterr().out)
    assert run(*small, "--check", str(tmp_path / "role.json"), "--format", "table") == 0
    assert "0 lacking, 0 too much" in capsys.readouterr().out


def test_a_role_of_a_template_that_the_project_does_not_know_is_compared(tmp_path: Path, capsys: Captured) -> None:
    assert run("--deployment", "first", "--role") == 0
    (tmp_path / "role.json").write_text(capsys.readouterr().out)
    assert run("--deployment", "first", "--check", str(tmp_path / "role.json")) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_what_a_policy_lacks_ends_1(small: list[str], tmp_path: Path, capsys: Captured) -> None:
    assert run(*small, "--for", "create") == 0
    (tmp_path / "p.json").write_text(capsys.readouterr().out)
    assert run(*small, "--check", str(tmp_path / "p.json")) == 1
    found = json.loads(capsys.readouterr().out)
    assert {item["kind"] for item in found} == {"lacks"}
    assert "dynamodb:DeleteTable" in {item["action"] for item in found}


def test_the_execution_role_is_held_to_its_stack_set(capsys: Captured) -> None:
    assert run("--stack-set", "x", "--deployment", "first", "--for", "delete", "--check", PREREQUISITES) == 1
    assert {item["kind"] for item in json.loads(capsys.readouterr().out)} == {"too much"}


@pytest.mark.parametrize("command", ["all", "deploy", "redrive"])
def test_what_the_commands_call_is_a_policy(command: str, small: list[str], capsys: Captured) -> None:
    assert run(*small, "--command", command, "--s3-bucket", "templates") == 0
    found = json.dumps(json.loads(capsys.readouterr().out))
    assert ("arn:aws:s3:::templates/stackproof/*" in found) == (command != "redrive")


def test_a_type_that_is_not_known_ends_2(small: list[str], tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"P": {"Type": "AWS::CodeBuild::Project"}}}))
    assert run(*small) == 2
    assert "not known: what CloudFormation calls for P (AWS::CodeBuild::Project)" in capsys.readouterr().err


def test_two_templates_are_allowed_together(small: list[str], tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "u.json").write_text(json.dumps({"Resources": {"N": {"Type": "AWS::SNS::Topic"}}}))
    assert run(small[0], str(tmp_path / "u.json"), *small[1:]) == 0
    assert {"sns:CreateTopic", "sqs:CreateQueue"} <= actions(json.loads(capsys.readouterr().out))


def test_a_further_template_of_the_project_has_its_own_scenarios(capsys: Captured) -> None:
    assert run(PREREQUISITES) == 0
    assert "arn:aws:s3:::trading-templates-111111111111-us-east-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--deployment", "fnord"], "has no deployment 'fnord'; fix: name one of one"),
        (["--check", "no-such.json"], "no-such.json"),
        (["--check", f"{PREREQUISITES}#Nope"], "no scenario has the role Nope"),
        (["--account", "12"], "'12' is no account id; fix: give 12 digits"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], message: str, small: list[str], capsys: Captured) -> None:
    assert run(*small, *arguments) == 2
    assert message in capsys.readouterr().err
