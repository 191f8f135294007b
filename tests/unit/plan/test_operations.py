"""The plan: the order follows from what names what, the parameters from what one stack tells the other."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from stackproof.cli import main
from stackproof.evaluation import scenario
from stackproof.foundation.finding import CannotTell
from stackproof.plan import operations
from stackproof.plan.shell_script import commands, stack_set_commands, variable
from stackproof.plan.stackset import StackSet, creating, deleting, instances, updating
from stackproof.template import loader
from stackproof.template.loader import parse

ROOT = Path(__file__).parents[3]
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))
PAIRS = {pair.name: pair for pair in scenario.load(str(ROOT / "rules/scenarios.yaml"))}
CHOSEN = StackSet("trading", "us-east-1")
Captured = pytest.CaptureFixture[str]
PLAN = operations.made(TEMPLATE, PAIRS["first"])


@pytest.mark.parametrize("name", PAIRS)
def test_the_target_is_created_first_since_the_source_names_it(name: str) -> None:
    assert [operation.scenario.side for operation in operations.made(TEMPLATE, PAIRS[name]).operations][:2] == [
        "target",
        "source",
    ]


@pytest.mark.parametrize("name", sorted(set(PAIRS) - {"hosted-zone"}))
def test_each_side_is_told_the_id_that_only_the_other_knows(name: str) -> None:
    messages = [
        (operation.scenario.side, dict(operation.learned))
        for operation in operations.made(TEMPLATE, PAIRS[name]).operations
    ]
    learned = [{}, {"PeerVpcId": "VPCId"}, {"PeeringConnectionId": "VPCPeeringConnectionId"}]
    assert messages == list(zip(["target", "source", "target"], learned, strict=True))


def test_without_peering_two_operations_are_enough() -> None:
    assert [operation.learned for operation in operations.made(TEMPLATE, PAIRS["hosted-zone"]).operations] == [{}, {}]


def test_an_operation_states_every_parameter() -> None:
    declared = set(TEMPLATE.value["Parameters"])
    assert [{*operation.values, *operation.learned, *operation.kept} for operation in PLAN.operations] == [declared] * 3


def test_an_id_of_the_scenario_gives_way_to_the_one_that_an_output_tells() -> None:
    assert "PeerVpcId" not in operations.made(TEMPLATE, PAIRS["peering"]).operations[1].values


def test_what_needs_the_other_stack_waits_for_it_and_is_taken_back_before_that_goes() -> None:
    plan = operations.made(TEMPLATE, PAIRS["cutover-target"])
    values = [
        (operation.scenario.side, operation.values.get("ReverseReplicationEnabled")) for operation in plan.operations
    ]
    assert values == [("target", None), ("source", "false"), ("target", "true")]
    assert plan.operations[0].kept == {"PeeringConnectionId": "", "ReverseReplicationEnabled": "false"}
    assert plan.deletions[0].cleared == {"PeeringConnectionId": "", "ReverseReplicationEnabled": "false"}


def test_the_reasons_of_the_order_name_resource_and_arn() -> None:
    assert any(
        reason.startswith("TargetEventSubscription needs arn:aws:sns:eu-central-1:")
        for reason in PLAN.operations[1].why
    )


def test_deletion_goes_backwards_and_begins_by_taking_the_id_away() -> None:
    steps = [(deletion.verb, deletion.scenario.side, deletion.cleared) for deletion in PLAN.deletions]
    cleared = {"PeeringConnectionId": ""}
    assert steps == [("update", "target", cleared), ("delete", "source", {}), ("delete", "target", {})]


def test_what_deletion_retains_is_listed_for_each_side() -> None:
    only_source = set(PLAN.retained["source"]) - set(PLAN.retained["target"])
    assert (only_source, "TradingDataBucket" in PLAN.retained["target"]) == ({"TradingAnalyticsGlobalTable"}, True)


def test_two_stacks_that_each_need_the_other_have_no_plan() -> None:
    value = json.loads(json.dumps(TEMPLATE.value))
    topic = "arn:aws:sns:${SourceRegion}:${AWS::AccountId}:migration-events-${EnvironmentSuffix}-"
    value["Resources"]["Backwards"] = {
        "Type": "AWS::SNS::Subscription",
        "Condition": "IsTargetRegion",
        "Properties": {
            "TopicArn": {"Fn::Sub": f"{topic}${{SourceRegion}}"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["MigrationEventQueue", "Arn"]},
        },
    }  # fmt: skip
    with pytest.raises(
        CannotTell, match=r"neither stack can be created first: in the source .*, in the target Backwards"
    ):
        operations.made(parse(json.dumps(value), "circle.json"), PAIRS["first"])


def test_an_id_that_no_output_tells_is_refused() -> None:
    value = json.loads(json.dumps(TEMPLATE.value))
    del value["Outputs"]["VPCId"]
    with pytest.raises(
        CannotTell, match="0 outputs of eu-central-1 tell the AWS::EC2::VPC that the parameter PeerVpcId takes"
    ):
        operations.made(parse(json.dumps(value), "untold.json"), PAIRS["first"])


def test_an_output_that_comes_too_late_is_refused() -> None:
    value = json.loads(json.dumps(TEMPLATE.value))
    value["Outputs"]["VPCId"]["Condition"] = "HasPeeringRoute"
    with pytest.raises(
        CannotTell, match="the target stack has no output VPCId when the parameter PeerVpcId is to be told"
    ):
        operations.made(parse(json.dumps(value), "late.json"), PAIRS["first"])


@pytest.mark.parametrize(
    ("properties", "needed"), [({}, ("CAPABILITY_IAM",)), ({"RoleName": "a"}, ("CAPABILITY_NAMED_IAM",))]
)
def test_capabilities_follow_the_roles(properties: dict[str, str], needed: tuple[str, ...]) -> None:
    text = json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}})
    assert operations.capabilities(parse(text, "roles.json")) == needed


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the template by its usual path."""
    monkeypatch.chdir(ROOT)


SCRIPTS = {
    "deploy": commands(TEMPLATE, PLAN.operations),
    "delete": commands(TEMPLATE, PLAN.deletions),
    "stack set": stack_set_commands(TEMPLATE, CHOSEN, creating(PLAN, CHOSEN, ("CAPABILITY_IAM",))),
    "delete stack set": stack_set_commands(TEMPLATE, CHOSEN, deleting(PLAN, CHOSEN)),
}


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash to read scripts with")
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_the_commands_are_a_script_that_a_shell_reads(script: str) -> None:
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=True, capture_output=True).stderr == ""


def test_the_commands_hand_the_vpc_over() -> None:
    assert '"PeerVpcId=$VPC_ID"' in SCRIPTS["deploy"]


def test_an_output_becomes_a_variable_word_by_word() -> None:
    assert variable("VPCPeeringConnectionId") == "VPC_PEERING_CONNECTION_ID"


def test_a_stack_set_takes_both_regions_in_order_and_stops_at_a_failure() -> None:
    made = [call for call in creating(PLAN, CHOSEN, ()) if call.action == "create_stack_instances"]
    assert [call.arguments["OperationPreferences"] for call in made] == [
        {
            "RegionConcurrencyType": "SEQUENTIAL",
            "RegionOrder": ["eu-central-1", "us-east-1"],
            "FailureToleranceCount": 0,
            "MaxConcurrentCount": 1,
        }
    ]


def test_a_stack_set_overrides_in_one_region_what_the_other_tells() -> None:
    messages = [(call.arguments["Regions"], dict(call.learned)) for call in creating(PLAN, CHOSEN, ()) if call.learned]
    learned = [{"PeerVpcId": "VPCId"}, {"PeeringConnectionId": "VPCPeeringConnectionId"}]
    assert messages == [(["us-east-1"], learned[0]), (["eu-central-1"], learned[1])]


def test_values_of_one_side_only_are_overrides_of_its_region_alone() -> None:
    pair = PAIRS["first"]
    source = replace(pair.source, parameters={**pair.source.parameters, "RestoreTestingEnabled": "false"})
    found = instances(operations.made(TEMPLATE, replace(pair, source=source)), CHOSEN)
    own = [{"ParameterKey": "RestoreTestingEnabled", "ParameterValue": "false"}]
    calls = [(call.arguments["Regions"], call.arguments.get("ParameterOverrides")) for call in found]
    assert calls == [(["eu-central-1"], None), (["us-east-1"], own), (["us-east-1"], own), (["eu-central-1"], None)]


def test_an_update_of_a_stack_set_keeps_the_order() -> None:
    order = updating(PLAN, CHOSEN, ()).arguments["OperationPreferences"]["RegionOrder"]
    assert order == ["eu-central-1", "us-east-1"]


def test_a_stack_set_is_deleted_backwards() -> None:
    found = [(call.action, call.arguments.get("Regions")) for call in deleting(PLAN, CHOSEN)]
    assert found == [
        ("update_stack_instances", ["eu-central-1"]),
        ("delete_stack_instances", ["us-east-1", "eu-central-1"]),
        ("delete_stack_set", None),
    ]


def test_a_stack_set_of_two_accounts_is_refused() -> None:
    pair = replace(PAIRS["first"], source=replace(PAIRS["first"].source, account="222222222222"))
    with pytest.raises(CannotTell, match="the stacks are in two accounts"):
        creating(operations.made(TEMPLATE, pair), CHOSEN, ())


@pytest.mark.parametrize("more", [[], ["--delete"], ["--stack-set", "trading"], ["--stack-set", "trading", "--delete"]])
def test_the_command_prints_table_and_commands(more: list[str], capsys: Captured) -> None:
    assert main.main(["plan", "--parameter", "EnvironmentSuffix=dev-2", "--account", "333333333333", *more]) == 0
    out = capsys.readouterr().out
    assert ("retained" in out, "aws cloudformation " in out, "prod-2024" in out) == ("--delete" in more, True, False)


def test_a_scenario_that_is_not_there_is_refused(capsys: Captured) -> None:
    assert main.main(["plan", "--deployment", "fnord"]) == 2
    assert "has no deployment 'fnord'; fix: name one of first, " in capsys.readouterr().err
