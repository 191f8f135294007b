"""A cutover and the way back; and examples, which nobody deploys."""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from account import ACCOUNT, Account, answered

from stackproof.cli import deploy_commands, main
from stackproof.deploy.change_set import Body
from stackproof.deploy.runner import Job, deploy
from stackproof.deploy.stackset_runner import Runner
from stackproof.evaluation import scenario
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.plan import operations
from stackproof.plan.examples import is_example
from stackproof.plan.shell_script import commands, stack_set_commands
from stackproof.plan.stackset import StackSet, switching_calls
from stackproof.plan.switching import switching
from stackproof.template import loader

TEMPLATE = loader.load("lib/TapStack.json")
PAIRS = {pair.name: pair for pair in scenario.load("rules/scenarios.yaml")}
PAIR = PAIRS["first"]
CHOSEN = StackSet("trading", "us-east-1")
Captured = pytest.CaptureFixture[str]
BASH = pytest.mark.skipif(not shutil.which("bash"), reason="no bash to read scripts with")


@pytest.mark.parametrize(
    ("value", "order"),
    [("target", ["target", "source"]), ("source", ["source", "target"])],
    ids=["cutover", "rollback"],
)
def test_the_new_side_is_switched_first(value: str, order: list[str]) -> None:
    found = switching(TEMPLATE, PAIR, "ActiveSide", value)
    assert [item.scenario.side for item in found] == order
    assert [dict(item.values) for item in found] == [{"ActiveSide": value}] * 2


def test_a_side_may_be_named_by_its_region() -> None:
    value = json.loads(json.dumps(TEMPLATE.value))
    value["Parameters"]["ActiveRegion"] = {"Type": "String", "Default": "us-east-1"}
    read = loader.parse(json.dumps(value), "regions.json")
    assert switching(read, PAIR, "ActiveRegion", "eu-central-1")[0].scenario.side == "target"
    assert switching(read, PAIR, "ActiveRegion", "us-east-1")[0].scenario.side == "source"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Active", "target", "has no parameter Active to switch"),
        ("ActiveSide", "both", "us-east-1 refuses ActiveSide=both: "),
        ("ShardCount", "20", "'20' names no side"),
    ],
)
def test_what_cannot_be_switched_is_refused(name: str, value: str, message: str) -> None:
    with pytest.raises(CannotTell, match=re.escape(message)) as caught:
        switching(TEMPLATE, PAIR, name, value)
    assert caught.value.fix


def test_all_other_parameters_and_the_template_stay() -> None:
    found = switching(TEMPLATE, PAIR, "ActiveSide", "target")
    declared = set(TEMPLATE.value["Parameters"])
    assert [{*item.values, *item.untouched} for item in found] == [declared] * 2
    script = commands(TEMPLATE, found)
    assert script.count("UsePreviousValue=true") == 2 * (len(declared) - 1)
    assert ("--use-previous-template" in script, "template-file" in script) == (True, False)


AWS = """#!/bin/sh
echo "$@" >> calls
case "$2" in describe-stacks) echo "$NOW" ;; esac
"""


@BASH
@pytest.mark.parametrize(("now", "updates"), [("source", 2), ("target", 0)])
def test_the_script_switches_the_target_then_the_source_and_may_be_run_again(
    tmp_path: Path, now: str, updates: int
) -> None:
    (tmp_path / "aws").write_text(AWS)
    (tmp_path / "aws").chmod(0o755)
    script = commands(TEMPLATE, switching(TEMPLATE, PAIR, "ActiveSide", "target"))
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "NOW": now}
    subprocess.run(["bash"], input=script, text=True, check=True, cwd=tmp_path, env=environment)
    calls = [line for line in (tmp_path / "calls").read_text().splitlines() if "update-stack" in line]
    assert [re.findall(r"--region (\S+)", line)[0] for line in calls] == ["eu-central-1", "us-east-1"][:updates]


def changed() -> tuple[Account, list[Mapping[str, Any]]]:
    """Return an account in which both stacks are there, and the change sets that are made in it."""
    made: list[Mapping[str, Any]] = []

    class Stacks(Account):
        def ask(self, _: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
            if action == "describe_stacks":
                item = {
                    "StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/trading-platform/1",
                    "StackStatus": "UPDATE_COMPLETE",
                    "Parameters": [{"ParameterKey": name, "ParameterValue": "as it was"} for name in ("ShardCount",)],
                }
                return {"Stacks": [item]}
            if action == "create_change_set":
                made.append({**arguments, "Region": region})
                return {}
            empty = {"Status": "FAILED", "StatusReason": "didn't contain changes"}
            return empty if action == "describe_change_set" else {}

    return Stacks(pause=0, sleep=lambda _: None), made


def test_a_switch_changes_one_parameter_of_both_stacks_the_new_side_first() -> None:
    cloud, made = changed()
    plan = operations.made(TEMPLATE, PAIR)
    found = switching(TEMPLATE, PAIR, "ActiveSide", "target")

    def never(*_: object) -> Body:
        raise AssertionError("a template was sent")

    assert deploy(Job(TEMPLATE, replace(plan, operations=found), cloud, Screen(io.StringIO()), never)) == 0
    assert [item["Region"] for item in made] == ["eu-central-1", "us-east-1"]
    for entry in made:
        assert entry["UsePreviousTemplate"] is True
        assert entry["Parameters"] == [
            {"ParameterKey": "ActiveSide", "ParameterValue": "target"},
            {"ParameterKey": "ShardCount", "UsePreviousValue": True},
        ]


def test_nothing_is_switched_where_one_of_the_stacks_is_missing() -> None:
    gone = answered("ValidationError", "Stack with id trading-platform does not exist")
    cloud = Account(answers={("cloudformation", "describe_stacks"): gone})
    found = switching(TEMPLATE, PAIR, "ActiveSide", "target")
    plan = replace(operations.made(TEMPLATE, PAIR), operations=found)
    with pytest.raises(CannotTell, match="is not there, so nothing is switched"):
        deploy(Job(TEMPLATE, plan, cloud, Screen(io.StringIO()), lambda *_: Body()))


def test_the_commands_switch_and_ask_neither_gate_nor_preflight(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    cloud, made = changed()
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: cloud)
    monkeypatch.setattr(Account, "account", lambda _: ACCOUNT)
    assert main.main(["deploy", "--switch", "ActiveSide=target"]) == 0
    assert "0 of 2 stacks were switched" in capsys.readouterr().out
    assert len(made) == 2
    assert main.main(["plan", "--switch", "ActiveSide=source"]) == 0
    assert main.main(["plan", "--switch", "ActiveSide"]) == 2
    assert "--switch 'ActiveSide' has no value" in capsys.readouterr().err


def test_a_stack_set_is_switched_region_by_region_and_keeps_its_other_overrides() -> None:
    plan = operations.made(TEMPLATE, PAIR)
    calls = switching_calls(plan, CHOSEN, switching(TEMPLATE, PAIR, "ActiveSide", "target"))
    assert [(call.action, call.arguments["Regions"]) for call in calls] == [
        ("update_stack_instances", ["eu-central-1"]),
        ("update_stack_instances", ["us-east-1"]),
    ]
    assert [call.arguments["ParameterOverrides"][1:] for call in calls] == [
        [{"ParameterKey": "PeeringConnectionId", "UsePreviousValue": True}],
        [{"ParameterKey": "PeerVpcId", "UsePreviousValue": True}],
    ]


def test_what_regions_override_in_the_account_is_kept() -> None:
    sent: list[Any] = []

    class Instances(Account):
        def ask(self, _: str, __: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
            if action == "describe_stack_instance":
                names = ("ActiveSide", "PeerVpcId", "ReverseReplicationEnabled")
                return {"StackInstance": {"ParameterOverrides": [{"ParameterKey": name} for name in names]}}
            if action == "update_stack_instances":
                sent.append(arguments["ParameterOverrides"])
                return {"OperationId": "1"}
            return {"StackSetOperation": {"Status": "SUCCEEDED"}}

    plan = operations.made(TEMPLATE, PAIR)
    job = Job(TEMPLATE, plan, Instances(), Screen(io.StringIO()), lambda *_: Body())
    Runner(job, CHOSEN).switch(switching(TEMPLATE, PAIR, "ActiveSide", "target"))
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in ("PeerVpcId", "ReverseReplicationEnabled")]
    assert sent == [[{"ParameterKey": "ActiveSide", "ParameterValue": "target"}, *kept]] * 2


@pytest.mark.parametrize(
    ("value", "example"),
    [
        ("trading.example.com", True),
        ("operations@example.org", True),
        ("example.com.", True),
        ("x.invalid", True),
        ("222222222222", True),
        ("123456789012", True),
        ("vpc-0a1b2c3d4e5f60718", True),
        ("Z0123456789ABCDEFGHIJ", True),
        ("Z3M3LMPEXAMPLE", True),
        ("trading.bank.com", False),
        ("myexample.com", False),
        ("483920175566", False),
        ("vpc-0f3c9d71be2a64085", False),
        ("prod-2024", False),
        ("10.0.0.0/16", False),
        ("", False),
    ],
)
def test_an_example_is_what_documentation_shows(value: str, example: bool) -> None:
    assert is_example(value) == example


@pytest.mark.parametrize("name", PAIRS)
def test_no_plan_deploys_a_value_that_only_stands_in(name: str) -> None:
    plan = operations.made(TEMPLATE, PAIRS[name])
    for script in (
        commands(TEMPLATE, plan.operations),
        stack_set_commands(TEMPLATE, CHOSEN, switching_calls(plan, CHOSEN, plan.operations)),
    ):
        values = re.findall(r"^    (?:ParameterKey=\w+,ParameterValue=|\"?\w+=)(.*?)\"?(?: \\)?$", script, re.MULTILINE)
        assert [value for value in values if is_example(value.strip("'"))] == []


def test_deploy_refuses_an_example_and_takes_what_is_given_instead(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    cloud, _ = changed()
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: cloud)
    monkeypatch.setattr(Account, "account", lambda _: ACCOUNT)
    assert main.main(["deploy", "--deployment", "hosted-zone", "--no-gate", "--skip-preflight"]) == 2
    output = capsys.readouterr().err
    assert "HostedZoneId of the deployment 'hosted-zone' is an example, Z0123456789ABCDEFGHIJ" in output
    assert "fix: give --parameter HostedZoneId=VALUE" in output
    arguments = ["--parameter", "HostedZoneId=Z08345672BANKZONE1", "--parameter", "HostedZoneName=trading.example.com"]
    assert main.main(["plan", "--deployment", "hosted-zone", *arguments]) == 0
    out = capsys.readouterr().out
    assert ("HostedZoneName=trading.example.com" in out, "is an example" in out) == (True, False)
