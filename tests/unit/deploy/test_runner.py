"""Deployment, call by call: what is asked of CloudFormation, and what becomes of each answer."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.stub import ANY, Stubber

from stackproof.deploy import change_set
from stackproof.deploy.change_set import Body, Change, Changer
from stackproof.deploy.client import RETRIED, Cloud, Failed
from stackproof.deploy.runner import Job, Unknown, deploy, destroy
from stackproof.deploy.stackset_runner import Runner
from stackproof.evaluation import scenario
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.plan import operations
from stackproof.plan.stackset import StackSet
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
TEMPLATE = loader.load(str(ROOT / "lib/TapStack.json"))
PLAN = operations.made(TEMPLATE, scenario.load(str(ROOT / "rules/scenarios.yaml"))[0])
FIRST = PLAN.first
ID = "arn:aws:cloudformation:eu-central-1:111111111111:stack/trading-platform/1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Step = tuple[str, Any, Any]
"""An operation, the arguments expected (None: whichever), and the answer, or code and message of an error."""


class Never:
    """A pause that must not happen twice as often as this."""

    def __init__(self, most: int) -> None:
        self.left = most

    def __call__(self, _: float) -> None:
        self.left -= 1
        assert self.left >= 0


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@contextmanager
def answering(**regions: list[Step]) -> Iterator[tuple[Cloud, Screen]]:
    """Give a cloud whose regions answer as told, in order, and nothing else."""
    cloud = Cloud(pause=0, sleep=Never(20))
    stubbers = []
    for region, steps in regions.items():
        name = region.replace("_", "-")
        client = boto3.client("cloudformation", region_name=name)
        cloud.clients["cloudformation", name] = client
        stubbers.append(stubber := Stubber(client))
        for action, expected, answer in steps:
            if isinstance(answer, tuple):
                code, message = answer
                stubber.add_client_error(action, code, message, expected_params=expected)
            else:
                stubber.add_response(action, answer, expected)
        stubber.activate()
    yield cloud, Screen(io.StringIO())
    for stubber in stubbers:
        stubber.assert_no_pending_responses()


def shown(screen: Screen) -> str:
    assert isinstance(screen.stream, io.StringIO)
    return screen.stream.getvalue()


def stack(status: str, outputs: Mapping[str, str] | None = None, stack_id: str = ID, **parameters: str) -> Step:
    item = {
        "StackName": "trading-platform",
        "StackId": stack_id,
        "StackStatus": status,
        "CreationTime": NOW,
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in (outputs or {}).items()],
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    return "describe_stacks", None, {"Stacks": [item]}


NO_STACK: Step = ("describe_stacks", None, ("ValidationError", "Stack with id trading-platform does not exist"))


def events(*listed: tuple[str, str, str]) -> Step:
    """Answer with events, given oldest first: resource, status, reason."""
    described = [
        {
            "StackId": ID,
            "EventId": f"{name}-{status}",
            "StackName": "trading-platform",
            "LogicalResourceId": name,
            "ResourceType": "AWS::X::Y",
            "Timestamp": NOW,
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }
        for name, status, reason in listed
    ]
    return "describe_stack_events", None, {"StackEvents": described[::-1]}


ADDED = {"Type": "Resource", "ResourceChange": {"Action": "Add", "LogicalResourceId": "Bucket"}}
PROPOSED: Step = ("create_change_set", None, {})
READY: Step = ("describe_change_set", None, {"Status": "CREATE_COMPLETE", "Changes": [ADDED]})
EXECUTED: Step = ("execute_change_set", None, {})
REVIEWED = stack("REVIEW_IN_PROGRESS")
CREATION = [NO_STACK, PROPOSED, READY, REVIEWED, events(), EXECUTED]


def changed(parameters: Mapping[str, str] | None = None) -> Change:
    return Change(FIRST, Body("{}"), parameters or {}, ("CAPABILITY_IAM",), 1)


def test_a_new_stack_is_created_by_a_change_set_that_leaves_nothing_if_it_fails() -> None:
    expected = {
        "StackName": "trading-platform",
        "ChangeSetName": ANY,
        "ChangeSetType": "CREATE",
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [{"ParameterKey": "Suffix", "ParameterValue": "dev"}],
        "TemplateBody": "{}",
    }
    executed = {"StackName": "trading-platform", "ChangeSetName": ANY, "RetainExceptOnCreate": True}
    made = [NO_STACK, ("create_change_set", expected, {}), *CREATION[2:-1], ("execute_change_set", executed, {})]
    steps = [*made, stack("CREATE_COMPLETE"), events()]
    with answering(eu_central_1=steps) as (cloud, screen):
        assert Changer(cloud, screen).apply(changed({"Suffix": "dev"}))


def test_events_are_shown_as_they_come() -> None:
    busy = [stack("CREATE_IN_PROGRESS"), events(("Bucket", "CREATE_IN_PROGRESS", ""))]
    done = [stack("CREATE_COMPLETE"), events(("Bucket", "CREATE_IN_PROGRESS", ""), ("Bucket", "CREATE_COMPLETE", ""))]
    with answering(eu_central_1=[*CREATION, *busy, *done]) as (cloud, screen):
        Changer(cloud, screen).apply(changed())
    messages = [line.strip() for line in shown(screen).splitlines() if "AWS::X::Y" in line]
    assert messages == ["CREATE_IN_PROGRESS  Bucket  AWS::X::Y", "CREATE_COMPLETE  Bucket  AWS::X::Y"]


def test_a_failure_shows_the_first_reason_not_what_was_cancelled_for_it() -> None:
    story = events(
        ("Table", "CREATE_FAILED", "Resource creation cancelled"),
        ("Tracker", "CREATE_FAILED", "Received response status [FAILED]: ValueError('no')"),
        ("Bucket", "CREATE_FAILED", "a later one"),
    )
    with (
        answering(eu_central_1=[*CREATION, stack("ROLLBACK_COMPLETE"), story]) as (cloud, screen),
        pytest.raises(
            Failed, match=r"ROLLBACK_COMPLETE: Tracker \(AWS::X::Y\): Received response status \[FAILED\]: Val"
        ),
    ):
        Changer(cloud, screen).apply(changed())


@pytest.mark.parametrize(
    "reason", ["The submitted information didn't contain changes.", "No updates are to be performed."]
)
def test_nothing_to_change_is_no_failure(reason: str) -> None:
    empty = ("describe_change_set", None, {"Status": "FAILED", "StatusReason": reason})
    steps = [stack("UPDATE_COMPLETE"), PROPOSED, empty, ("delete_change_set", None, {})]
    with answering(eu_central_1=steps) as (cloud, screen):
        assert not Changer(cloud, screen).apply(changed())


def test_a_change_set_that_fails_shows_why() -> None:
    failed = ("describe_change_set", None, {"Status": "FAILED", "StatusReason": "Transform X failed"})
    steps = [stack("UPDATE_COMPLETE"), PROPOSED, ("describe_change_set", None, {"Status": "CREATE_PENDING"}), failed]
    with (
        answering(eu_central_1=steps) as (cloud, screen),
        pytest.raises(Failed, match="the change set failed: Transform X failed"),
    ):
        Changer(cloud, screen).apply(changed())


def test_outputs_alone_are_a_change() -> None:
    ready = ("describe_change_set", None, {"Status": "CREATE_COMPLETE", "Changes": []})
    steps = [stack("UPDATE_COMPLETE"), PROPOSED, ready, stack("UPDATE_COMPLETE"), events(), EXECUTED]
    with answering(eu_central_1=[*steps, stack("UPDATE_COMPLETE"), events()]) as (cloud, screen):
        assert Changer(cloud, screen).apply(changed())


def test_what_an_interrupted_run_began_is_waited_for() -> None:
    begun = [
        stack("CREATE_IN_PROGRESS"),
        events(),
        stack("CREATE_IN_PROGRESS"),
        events(),
        stack("CREATE_COMPLETE"),
        events(),
    ]
    empty = ("describe_change_set", None, {"Status": "FAILED", "StatusReason": "didn't contain changes"})
    steps = [*begun, PROPOSED, empty, ("delete_change_set", None, {})]
    with answering(eu_central_1=steps) as (cloud, screen):
        assert not Changer(cloud, screen).apply(changed())
    assert "is CREATE_IN_PROGRESS: waiting for it" in shown(screen)


def test_what_a_failed_creation_left_is_deleted_and_created_anew() -> None:
    dead = [stack("ROLLBACK_COMPLETE"), stack("ROLLBACK_COMPLETE"), events(), ("delete_stack", None, {})]
    steps = [*dead, stack("DELETE_COMPLETE"), events(), *CREATION[1:], stack("CREATE_COMPLETE"), events()]
    with answering(eu_central_1=steps) as (cloud, screen):
        assert Changer(cloud, screen).apply(changed())


@pytest.mark.parametrize("status", change_set.STUCK)
def test_a_stack_that_only_a_person_can_free_is_left_alone(status: str) -> None:
    with answering(eu_central_1=[stack(status)]) as (cloud, screen), pytest.raises(Failed) as caught:
        Changer(cloud, screen).apply(changed())
    assert caught.value.fix == change_set.STUCK[status]


def test_a_dry_run_executes_nothing_and_leaves_nothing() -> None:
    steps = [NO_STACK, PROPOSED, READY, ("delete_change_set", None, {}), ("delete_stack", None, {})]
    with answering(eu_central_1=steps) as (cloud, screen):
        assert Changer(cloud, screen, dry=True).apply(changed())
    assert "Add     Bucket" in shown(screen)


def test_a_dry_run_leaves_a_stack_that_was_there() -> None:
    steps = [stack("CREATE_COMPLETE"), PROPOSED, READY, ("delete_change_set", None, {})]
    with answering(eu_central_1=steps) as (cloud, screen):
        assert Changer(cloud, screen, dry=True).apply(changed())


def test_a_missing_permission_is_named_with_what_to_do() -> None:
    denied = (
        "AccessDenied",
        "User: arn:aws:iam::1:user/x is not authorized to perform: cloudformation:CreateChangeSet",
    )
    with answering(eu_central_1=[NO_STACK, ("create_change_set", None, denied)]) as (cloud, screen):
        with pytest.raises(Failed, match="cloudformation:CreateChangeSet") as caught:
            Changer(cloud, screen).apply(changed())
        assert caught.value.fix == "grant the caller this permission and run this again"


def throttling(times: int) -> Callable[..., AWSResponse | None]:
    """Answer the first requests with what a throttled CloudFormation says."""
    left = [times]

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        left[0] -= 1
        code, body = (400, error("Throttling", "Rate exceeded")) if left[0] >= 0 else (200, DESCRIBED)
        return AWSResponse(request.url, code, HTTPHeaders(), Answer(body))

    return answer


class Answer:
    """The part of urllib3's response that botocore reads."""

    def __init__(self, text: str) -> None:
        self.text = text

    def stream(self) -> Iterator[bytes]:
        yield self.text.encode()


def error(code: str, message: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


DESCRIBED = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>a</StackName>
<StackStatus>CREATE_COMPLETE</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""


@pytest.mark.parametrize(("times", "kept"), [(9, True), (10, False)], ids=["9 times", "10 times"])
def test_a_throttled_call_is_tried_ten_times(times: int, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    client = boto3.client("cloudformation", region_name="us-east-1", config=RETRIED)
    client.meta.events.register("before-send.cloudformation", throttling(times))
    cloud = Cloud(clients={("cloudformation", "us-east-1"): client})
    if kept:
        assert cloud.call("us-east-1", "describe_stacks")["Stacks"][0]["StackName"] == "a"
    else:
        with pytest.raises(Failed, match="DescribeStacks: Throttling: Rate exceeded"):
            cloud.call("us-east-1", "describe_stacks")


def test_no_credentials_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.session.Session().client("sts", region_name="us-east-1")
    with pytest.raises(CannotTell, match="AWS cannot be called: Unable to locate credentials"):
        Cloud(clients={("sts", "us-east-1"): client}).account()


def test_a_source_without_its_target_is_refused_before_anything_is_made() -> None:
    backwards = replace(PLAN, operations=PLAN.operations[1:2])
    with answering(eu_central_1=[NO_STACK], us_east_1=[]) as (cloud, screen):
        doing = Job(TEMPLATE, backwards, cloud, screen, lambda *_: Body("{}"))
        with pytest.raises(Unknown, match="the target stack trading-platform in eu-central-1 is not there"):
            deploy(doing)


EMPTY: list[Step] = [
    PROPOSED,
    ("describe_change_set", None, {"Status": "FAILED", "StatusReason": "didn't contain changes"}),
    ("delete_change_set", None, {}),
]


def test_run_again_the_first_operation_keeps_the_id_that_the_third_told_it() -> None:
    vpc, peering = {"VPCId": "vpc-1"}, {"VPCPeeringConnectionId": "pcx-1"}
    at = stack("UPDATE_COMPLETE", vpc, PeeringConnectionId="pcx-1")
    sent: list[Mapping[str, str]] = []

    def body(_: operations.Operation, values: Mapping[str, str]) -> Body:
        sent.append(values)
        return Body("{}")

    target, source = [at, at, *EMPTY, at, at, *EMPTY], [stack("CREATE_COMPLETE", peering), *EMPTY]
    with answering(eu_central_1=target, us_east_1=[*source, stack("CREATE_COMPLETE", peering)]) as (cloud, screen):
        assert deploy(Job(TEMPLATE, PLAN, cloud, screen, body)) == 0
    assert [values["PeeringConnectionId"] for values in sent] == ["pcx-1", "", "pcx-1"]


def test_destruction_empties_the_id_then_deletes_the_source_then_the_target() -> None:
    at = stack("UPDATE_COMPLETE", None, PeeringConnectionId="pcx-1", EnvironmentSuffix="prod")
    expected = {
        "StackName": "trading-platform",
        "ChangeSetName": ANY,
        "ChangeSetType": "UPDATE",
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [
            {"ParameterKey": "PeeringConnectionId", "ParameterValue": ""},
            {"ParameterKey": "EnvironmentSuffix", "UsePreviousValue": True},
        ],
        "UsePreviousTemplate": True,
    }
    updated = [at, at, ("create_change_set", expected, {}), READY, at, events(), EXECUTED, at, events()]
    deleted = [at, events(), ("delete_stack", {"StackName": "trading-platform"}, {}), NO_STACK, events()]
    with answering(eu_central_1=[*updated, *deleted], us_east_1=deleted) as (cloud, screen):
        assert destroy(Job(TEMPLATE, PLAN, cloud, screen, lambda *_: Body())) == 2


def test_a_deletion_that_fails_says_what_holds_the_stack() -> None:
    story = events(("Vault", "DELETE_FAILED", "Backup vault cannot be deleted because it contains recovery points"))
    steps = [stack("CREATE_COMPLETE"), events(), ("delete_stack", None, {}), stack("DELETE_FAILED"), story]
    with (
        answering(eu_central_1=steps) as (cloud, screen),
        pytest.raises(Failed, match=r"DELETE_FAILED: Vault .*contains recovery points"),
    ):
        Changer(cloud, screen).delete(FIRST)


def test_what_is_not_there_need_not_be_deleted() -> None:
    with answering(eu_central_1=[NO_STACK, NO_STACK], us_east_1=[NO_STACK]) as (cloud, screen):
        assert destroy(Job(TEMPLATE, PLAN, cloud, screen, lambda *_: Body())) == 0


CHOSEN = StackSet("trading", "us-east-1")
MISSING: Step = (
    "describe_stack_set",
    {"StackSetName": "trading"},
    ("StackSetNotFoundException", "StackSet trading not found"),
)
SUCCEEDED: Step = ("describe_stack_set_operation", None, {"StackSetOperation": {"Status": "SUCCEEDED"}})
PREFERENCES = {"RegionConcurrencyType": "SEQUENTIAL", "FailureToleranceCount": 0, "MaxConcurrentCount": 1}
SHARED = {"PeerVpcId": "", **PLAN.operations[0].values, "PeeringConnectionId": ""}


def instance(region: str) -> Step:
    arguments = {"StackSetName": "trading", "StackInstanceAccount": "111111111111", "StackInstanceRegion": region}
    return "describe_stack_instance", arguments, {"StackInstance": {"StackId": f"arn:{region}"}}


def operation(action: str, regions: list[str], **overrides: str) -> list[Step]:
    arguments: dict[str, Any] = {
        "StackSetName": "trading",
        "Accounts": ["111111111111"],
        "Regions": regions,
        "OperationPreferences": {**PREFERENCES, "RegionOrder": regions},
    }
    if action == "delete_stack_instances":
        arguments["RetainStacks"] = False
    if overrides:
        listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in overrides.items()]
        arguments["ParameterOverrides"] = listed
    return [(action, arguments, {"OperationId": "1"}), SUCCEEDED]


def telling() -> tuple[list[Step], list[Step]]:
    """Give what hands both ids over: the calls of the StackSet's region, and those of the other one."""
    peering = stack("CREATE_COMPLETE", {"VPCPeeringConnectionId": "pcx-1"})
    here = [
        instance("eu-central-1"),
        *operation("update_stack_instances", ["us-east-1"], PeerVpcId="vpc-1"),
        instance("us-east-1"),
        peering,
        *operation("update_stack_instances", ["eu-central-1"], PeeringConnectionId="pcx-1"),
    ]
    return here, [stack("CREATE_COMPLETE", {"VPCId": "vpc-1"})]


@contextmanager
def stack_set(here: list[Step], there: list[Step]) -> Iterator[Runner]:
    with answering(us_east_1=here, eu_central_1=there) as (cloud, screen):
        yield Runner(Job(TEMPLATE, PLAN, cloud, screen, lambda *_: Body("{}")), CHOSEN)


def test_a_stack_set_is_made_with_its_roles_both_regions_in_order_and_overrides_by_region() -> None:
    made = {
        "StackSetName": "trading",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in SHARED.items()],
        "Capabilities": ["CAPABILITY_IAM"],
        "PermissionModel": "SELF_MANAGED",
        "AdministrationRoleARN": "arn:aws:iam::111111111111:role/AWSCloudFormationStackSetAdministrationRole",
        "ExecutionRoleName": "AWSCloudFormationStackSetExecutionRole",
        "TemplateBody": "{}",
    }
    here, there = telling()
    both = operation("create_stack_instances", ["eu-central-1", "us-east-1"])
    with stack_set([MISSING, ("create_stack_set", made, {"StackSetId": "1"}), *both, *here], there) as runner:
        runner.deploy()


def test_a_stack_set_that_is_there_is_updated_in_order() -> None:
    found = ("describe_stack_set", None, {"StackSet": {"StackSetName": "trading"}})
    updated = {
        "StackSetName": "trading",
        "Parameters": ANY,
        "Capabilities": ["CAPABILITY_IAM"],
        "OperationPreferences": {**PREFERENCES, "RegionOrder": ["eu-central-1", "us-east-1"]},
        "TemplateBody": "{}",
    }
    here, there = telling()
    opening = [found, instance("eu-central-1"), instance("us-east-1")]
    update = [("update_stack_set", updated, {"OperationId": "1"}), SUCCEEDED]
    with stack_set([*opening, *update, *here], there) as runner:
        runner.deploy()


def test_a_stack_set_operation_that_fails_says_what_each_region_says() -> None:
    failed = ("describe_stack_set_operation", None, {"StackSetOperation": {"Status": "FAILED"}})
    messages = [{"Region": "eu-central-1", "Status": "FAILED", "StatusReason": "role not assumable"}]
    results = ("list_stack_set_operation_results", None, {"Summaries": messages})
    steps = [
        MISSING,
        ("create_stack_set", None, {}),
        ("create_stack_instances", None, {"OperationId": "1"}),
        failed,
        results,
    ]
    with (
        stack_set(steps, []) as runner,
        pytest.raises(Failed, match="operation 1 of trading is FAILED: eu-central-1: role not assumable"),
    ):
        runner.deploy()


def test_a_stack_set_is_destroyed_backwards() -> None:
    found = ("describe_stack_set", None, {"StackSet": {"StackSetName": "trading"}})
    steps = [
        found,
        instance("us-east-1"),
        instance("eu-central-1"),
        *operation("update_stack_instances", ["eu-central-1"], PeeringConnectionId=""),
        *operation("delete_stack_instances", ["us-east-1", "eu-central-1"]),
        ("delete_stack_set", {"StackSetName": "trading"}, {}),
    ]
    with stack_set(steps, []) as runner:
        runner.destroy()


def test_an_instance_that_an_interrupted_run_left_out_is_made() -> None:
    found = ("describe_stack_set", None, {"StackSet": {"StackSetName": "trading"}})
    missing = ("describe_stack_instance", None, ("StackInstanceNotFoundException", "no instance"))
    here, there = telling()
    steps = [
        found,
        *(instance("eu-central-1"), missing) * 2,
        ("update_stack_set", None, {"OperationId": "1"}),
        SUCCEEDED,
        *operation("create_stack_instances", ["us-east-1"]),
        *here,
    ]
    with stack_set(steps, there) as runner:
        runner.deploy()


def test_a_stack_set_that_is_not_there_is_destroyed_already() -> None:
    with stack_set([MISSING], []) as runner:
        runner.destroy()
        assert "there is no StackSet trading" in shown(runner.job.screen)
