"""The commands as they are typed, on the emulator, with a template that it takes as it stands."""

import json
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from stackproof.cli import main
from stackproof.deploy.client import Cloud

pytestmark = [pytest.mark.emulator_only, pytest.mark.usefixtures("endpoint")]
SCENARIOS = """
account: "444444444444"
stack: commands
deployments:
  - name: only
    parameters: {EnvironmentSuffix: commands}
    source: {region: us-east-1}
    target: {region: eu-central-1}
"""
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "EnvironmentSuffix": {"Type": "String"},
        "ActiveSide": {"Type": "String", "Default": "source", "AllowedValues": ["source", "target"]},
        "PeerVpcId": {"Type": "String", "Default": "", "AllowedPattern": "^(vpc-[0-9a-f]{8,17})?$"},
    },
    "Resources": {
        "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Active": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Name": {"Fn::Sub": "/${EnvironmentSuffix}/active"},
                "Type": "String",
                "Value": {"Ref": "ActiveSide"},
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${EnvironmentSuffix}-queue"}}},
    },
    "Outputs": {"VPCId": {"Value": {"Ref": "Network"}}, "QueueUrl": {"Value": {"Ref": "Queue"}}},
}
Captured = pytest.CaptureFixture[str]
UNCHECKED = ("--no-gate", "--skip-preflight")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Cloud, "wait", lambda _: time.sleep(0.1))
    Path("template.json").write_text(json.dumps(TEMPLATE))
    Path("scenarios.yaml").write_text(SCENARIOS)
    return tmp_path


def command(name: str, *more: str) -> int:
    return main.main([name, "template.json", "--scenarios", "scenarios.yaml", *more])


def test_deploy_outputs_and_destroy_do_what_they_say(folder: Path, capsys: Captured) -> None:
    assert (command("deploy", *UNCHECKED), command("outputs")) == (0, 0)
    read = json.loads((folder / "stack-outputs.json").read_text())
    assert [read[side]["outputs"]["QueueUrl"].rpartition("/")[2] for side in ("source", "target")] == [
        "commands-queue"
    ] * 2
    assert command("destroy", "--yes") == 0
    assert command("outputs") == 2
    out, err = capsys.readouterr()
    assert ("2 of 2 operations changed anything" in out, "CREATE_COMPLETE  Queue" in err) == (True, True)


def test_a_dry_run_shows_what_would_be_added(capsys: Captured) -> None:
    assert command("deploy", *UNCHECKED, "--dry-run") == 0
    out, err = capsys.readouterr()
    assert ("nothing was executed" in out, "Add     Queue" in err) == (True, True)


def test_a_failure_ends_1_with_one_line_that_names_the_resource(folder: Path, capsys: Captured) -> None:
    properties = {"Type": "SecureString", "Value": "which CloudFormation cannot create"}
    bad = {**TEMPLATE["Resources"], "Wrong": {"Type": "AWS::SSM::Parameter", "Properties": properties}}
    (folder / "template.json").write_text(json.dumps({**TEMPLATE, "Resources": bad}))
    assert command("deploy", *UNCHECKED, "--stack", "wrong", "--parameter", "EnvironmentSuffix=wrong") == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("stackproof: wrong in eu-central-1 is ROLLBACK_COMPLETE: Wrong (AWS::SSM::Parameter)")


def active(suffix: str) -> dict[str, str]:
    clients = {region: boto3.client("ssm", region_name=region) for region in ("us-east-1", "eu-central-1")}
    name = f"/{suffix}/active"
    return {region: ssm.get_parameter(Name=name)["Parameter"]["Value"] for region, ssm in clients.items()}


@pytest.mark.parametrize(("value", "first"), [("target", "eu-central-1"), ("source", "us-east-1")])
def test_a_switch_changes_one_parameter_of_both_stacks_the_new_side_first(
    value: str, first: str, capsys: Captured
) -> None:
    """The stacks keep their template, which is sent no more, and their other parameters."""
    named = ("--stack", f"to-{value}", "--parameter", f"EnvironmentSuffix=to-{value}")
    before = {"source": "target", "target": "source"}[value]
    assert command("deploy", *UNCHECKED, *named, "--parameter", f"ActiveSide={before}") == 0
    capsys.readouterr()
    Path("template.json").write_text(json.dumps({**TEMPLATE, "Description": "of no stack"}))
    assert command("deploy", *named, "--switch", f"ActiveSide={value}") == 0
    out, err = capsys.readouterr()
    assert active(f"to-{value}") == {"us-east-1": value, "eu-central-1": value}
    (begun, *_) = [line for line in err.splitlines() if line.startswith("1. ")]
    assert (begun.endswith(f"in {first}"), "2 of 2 stacks were switched" in out) == (True, True)


def test_a_switch_of_stacks_that_are_not_there_changes_nothing(capsys: Captured) -> None:
    assert command("deploy", "--stack", "nobody", "--switch", "ActiveSide=target") == 2
    assert "is not there, so nothing is switched" in capsys.readouterr().err
