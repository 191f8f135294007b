"""The commands that deploy: what they refuse before AWS is touched, and what they print."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli import deploy_commands, main
from stackproof.deploy.client import Cloud, Failed
from stackproof.foundation.finding import CannotTell
from stackproof.gate import gate
from stackproof.gate.outcome import Outcome

ROOT = Path(__file__).parents[3]
Captured = pytest.CaptureFixture[str]


class Clouds:
    """Stands for AWS: knows the account, and the stacks it is given; everything else is refused."""

    def __init__(self, stacks: Mapping[str, Mapping[str, str]]) -> None:
        self.stacks = stacks

    def account(self) -> str:
        return "444444444444"

    def call(self, region: str, action: str, /, **arguments: str) -> dict[str, Any]:
        assert action == "describe_stacks", f"{action} was called"
        found = self.stacks.get(region)
        if found is None and "StackName" not in arguments:
            return {"Stacks": []}
        if found is None:
            raise Failed("does not exist")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in found.items()]
        stack_id = f"arn:aws:cloudformation:{region}:444444444444:stack/{arguments['StackName']}/1"
        return {"Stacks": [{"StackId": stack_id, "StackStatus": "CREATE_COMPLETE", "Outputs": outputs}]}


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the template by its usual path, and no stack in AWS."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: Clouds({}))


def test_a_template_that_breaks_a_promise_is_not_deployed(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(Outcome("lib/TapStack.json"), errors=(CannotTell("fnord"),))
    monkeypatch.setattr(gate, "check", lambda *_, **__: broken)
    assert main.main(["deploy"]) == 1
    assert "the gate is not green: 1 findings and errors; nothing was touched" in capsys.readouterr().err


def test_a_template_too_large_to_send_inline_wants_a_bucket(tmp_path: Path, capsys: Captured) -> None:
    value = json.loads(Path("lib/TapStack.json").read_text())
    value["Description"] = "x" * 1000
    (tmp_path / "large.json").write_text(json.dumps(value))
    assert main.main(["deploy", str(tmp_path / "large.json"), "--no-gate", "--skip-preflight"]) == 2
    assert (
        "more than may be sent inline, and no stack in eu-central-1 or us-east-1 has the output"
        in capsys.readouterr().err
    )


def test_a_parameter_that_the_template_refuses_is_refused_before_aws_is_asked(capsys: Captured) -> None:
    assert main.main(["deploy", "--parameter", "EnvironmentSuffix=-", "--no-gate", "--skip-preflight"]) == 2
    assert "must match pattern" in capsys.readouterr().err


def test_a_dry_run_of_a_stack_set_is_refused(capsys: Captured) -> None:
    assert main.main(["deploy", "--stack-set", "trading", "--dry-run", "--no-gate", "--skip-preflight"]) == 2
    assert "a StackSet makes no change sets" in capsys.readouterr().err


def test_nothing_is_destroyed_without_a_yes(capsys: Captured) -> None:
    assert main.main(["destroy"]) == 2
    out, err = capsys.readouterr()
    assert ("delete" in out, "nothing was deleted; fix: give --yes" in err) == (True, True)


def test_destroying_nothing_is_done_and_lists_what_is_retained(capsys: Captured) -> None:
    assert main.main(["destroy", "--yes"]) == 0
    assert "TradingDataBucket  AWS::S3::Bucket" in capsys.readouterr().out


def test_outputs_writes_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"us-east-1": {"VPCId": "vpc-1"}, "eu-central-1": {"VPCId": "vpc-2"}}
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: Clouds(there))
    assert main.main(["outputs", "--output", str(tmp_path / "outputs.json")]) == 0
    assert json.loads((tmp_path / "outputs.json").read_text())["target"] == {
        "stack": "trading-platform",
        "region": "eu-central-1",
        "outputs": {"VPCId": "vpc-2"},
    }


def test_outputs_of_what_is_not_there_are_refused(capsys: Captured) -> None:
    assert main.main(["outputs"]) == 2
    assert (
        "the source stack trading-platform in us-east-1 is not there; fix: deploy it first" in capsys.readouterr().err
    )


def test_a_parameter_without_a_value_is_refused(capsys: Captured) -> None:
    assert main.main(["plan", "--parameter", "EnvironmentSuffix"]) == 2
    assert "has no value" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["boto3", "tqdm"])
def test_a_check_does_not_wait_for_what_deploys(module: str) -> None:
    code = f"import sys, stackproof.cli.main; sys.exit({module!r} in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "tools")}, check=False).returncode
        == 0
    )


def test_credentials_are_not_asked_for_before_they_are_needed() -> None:
    assert Cloud().clients == {}


def test_a_further_template_of_the_project_is_deployed_by_its_own_scenarios(capsys: Captured) -> None:
    assert main.main(["plan", "lib/Prerequisites.json"]) == 0
    out = capsys.readouterr().out
    assert ("trading-prerequisites" in out, "CAPABILITY_NAMED_IAM" in out, "StackSetRolesEnabled=true" in out) == (
        True, True, True,
    )  # fmt: skip


def test_the_gate_asks_of_a_further_template_no_rule_that_has_nothing_to_say(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[gate.Inputs] = []

    def check(inputs: gate.Inputs, *, lint: bool) -> Outcome:
        asked.append(inputs)
        return replace(Outcome(inputs.template), errors=(CannotTell(f"lint {lint}"),))

    monkeypatch.setattr(gate, "check", check)
    assert main.main(["deploy", "lib/Prerequisites.json"]) == 1
    assert main.main(["deploy"]) == 1
    assert [(request.scenarios, request.own) for request in asked] == [
        ("rules/prerequisites.scenarios.yaml", False),
        ("rules/scenarios.yaml", True),
    ]
    assert "nothing was touched" in capsys.readouterr().err


def test_a_moment_that_is_none_is_said_before_aws_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deploy_commands, "job", lambda *_: pytest.fail("AWS is asked"))
    assert main.main(["redrive", "--since", "banana"]) == 2
    assert "'banana' is no moment" in capsys.readouterr().err
