"""The look at an account before a deployment: what is there, what is missing, what is not seen."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from account import ACCOUNT, DENIED, NO_STACK, Account, answered, resource
from moto import mock_aws

from stackproof.cli import deploy_commands, main
from stackproof.deploy.change_set import Body
from stackproof.deploy.client import Failed, session
from stackproof.deploy.look import Look
from stackproof.deploy.preflight import exit_code, preflight
from stackproof.deploy.runner import Job
from stackproof.deploy.template_upload import Sender
from stackproof.evaluation import scenario
from stackproof.foundation.document import Document
from stackproof.foundation.progress import Screen
from stackproof.plan import operations
from stackproof.plan.stackset import StackSet
from stackproof.template import loader

TEMPLATE = loader.load("lib/TapStack.json")
PAIRS = {pair.name: operations.in_account(pair, ACCOUNT) for pair in scenario.load("rules/scenarios.yaml")}
S, T = "us-east-1", "eu-central-1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900}
LAMBDA = {"AccountLimit": LIMITS}
BACKUP = {
    "ResourceTypeOptInPreference": {"DynamoDB": True, "S3": True, "EC2": False},
    "ResourceTypeManagementPreference": {"DynamoDB": True},
}
TRAIL = {"trailList": [{"Name": "all", "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/all"}]}
PREREQUISITES = {
    "StackName": "pre",
    "CreationTime": NOW,
    "StackStatus": "CREATE_COMPLETE",
    "Outputs": [{"OutputKey": "TemplateBucketName", "OutputValue": "templates"}],
}
NO_BUCKET: Mapping[str, Any] = {"cloudformation__describe_stacks": {"Stacks": []}}
READY: Mapping[tuple[str, str], Any] = {
    ("cloudformation", "list_stack_resources"): NO_STACK,
    ("cloudformation", "describe_stacks"): {"Stacks": [PREREQUISITES]},
    ("lambda", "get_account_settings"): LAMBDA,
    ("backup", "describe_region_settings"): BACKUP,
    ("cloudtrail", "describe_trails"): TRAIL,
    ("cloudtrail", "get_trail_status"): {"IsLogging": True},
    ("cloudtrail", "get_event_selectors"): {
        "EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "All"}]
    },
}
Looking = Callable[..., list[Look]]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    session.cache_clear()
    with mock_aws():
        yield
    session.cache_clear()


PLAN = operations.made(TEMPLATE, PAIRS["first"])


def looks(cloud: Account, document: Document = TEMPLATE, chosen: StackSet | None = None) -> list[Look]:
    doing = Job(document, PLAN, cloud, Screen(io.StringIO()), lambda *_: Body())
    return [*preflight(doing, Sender(cloud, document, (T, S), ACCOUNT), chosen)]


def account(**answers: Any) -> Account:
    """Return an account that is ready but for the answers given, by `client__operation`."""
    prepared = dict(READY)
    for key, answer in answers.items():
        client, _, operation = key.replace("serviceQuotas", "service-quotas").partition("__")
        prepared[client, operation] = answer
    return Account(answers=prepared)


def of(found: list[Look], region: str, what: str) -> Look:
    (item,) = [look for look in found if look.region == region and what in look.what]
    return item


def test_an_account_that_has_all_is_ready_and_nothing_is_changed() -> None:
    cloud = account()
    found = looks(cloud)
    assert [look for look in found if look.state != "ready"] == []
    assert exit_code(found) == 0
    assert {action.split("_")[0] for _, _, action in cloud.calls} <= {"describe", "get", "head", "list"}


def test_both_regions_are_looked_at() -> None:
    found = looks(account())
    assert {look.what for look in found if look.region == S} - {look.what for look in found if look.region == T} == {
        f"Bucket trading-data-prod-2024-{S}",
        f"Stream market-data-stream-prod-2024-{S}",
    }


def test_a_region_that_is_not_enabled_is_named_and_not_looked_at_further() -> None:
    off = {"Regions": [{"RegionName": T, "OptInStatus": "not-opted-in"}]}
    on = {"Regions": [{"RegionName": S, "OptInStatus": "opted-in"}]}
    answers = iter([on, off])

    class Asked(Account):
        def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
            return next(answers) if action == "describe_regions" else super().ask(service, region, action, **arguments)

    found = looks(Asked(answers=READY))
    assert of(found, T, "region") == Look(
        T, "region", "missing", "it is not-opted-in", f"aws account enable-region --region-name {T}"
    )
    assert [look for look in found if look.region == T and look.what != "region"] == [
        look for look in found if look.region == T and look.what.startswith("GlobalTable")
    ]


@pytest.mark.parametrize(
    ("settings", "fix"),
    [
        (
            {"ResourceTypeOptInPreference": {"DynamoDB": True, "S3": False}, **dict([[*BACKUP.items()][1]])},
            "--resource-type-opt-in-preference S3=true",
        ),
        (
            {"ResourceTypeOptInPreference": BACKUP["ResourceTypeOptInPreference"]},
            "--resource-type-management-preference DynamoDB=true",
        ),
        (
            {},
            "--resource-type-opt-in-preference DynamoDB=true,S3=true "
            "--resource-type-management-preference DynamoDB=true",
        ),
    ],
    ids=["S3", "managed", "all"],
)
def test_a_type_that_backup_does_not_keep_is_switched_on_by_the_command(settings: Any, fix: str) -> None:
    found = of(looks(account(backup__describe_region_settings={S: BACKUP, T: settings})), T, "AWS Backup")
    assert (found.state, found.fix) == ("missing", f"aws backup update-region-settings --region {T} {fix}")


ADVANCED: Mapping[str, Any] = {
    "management": [{"Field": "eventCategory", "Equals": ["Management"]}],
    "data only": [{"Field": "eventCategory", "Equals": ["Data"]}],
    "reads only": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["true"]}],
    "writes": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]}],
}


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"cloudtrail__describe_trails": {"trailList": []}}, "missing"),
        ({"cloudtrail__get_trail_status": {"IsLogging": False}}, "missing"),
        (
            {"cloudtrail__get_event_selectors": {"EventSelectors": [{"IncludeManagementEvents": False}]}},
            "missing",
        ),
        (
            {
                "cloudtrail__get_event_selectors": {
                    "EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "ReadOnly"}]
                }
            },
            "missing",
        ),
        *(
            (
                {
                    "cloudtrail__get_event_selectors": {
                        "AdvancedEventSelectors": [{"FieldSelectors": fields}],
                    }
                },
                "ready" if name in ("management", "writes") else "missing",
            )
            for name, fields in ADVANCED.items()
        ),
        ({"cloudtrail__get_event_selectors": DENIED}, "unknown"),
    ],
    ids=["none", "stopped", "no management", "reads", *ADVANCED, "denied"],
)
def test_a_trail_logs_write_events_of_management(answers: Mapping[str, Any], state: str) -> None:
    assert of(looks(account(**answers)), T, "a trail").state == state


def test_one_trail_that_logs_is_enough_though_another_cannot_be_seen() -> None:
    two = {"trailList": [{"Name": "theirs", "TrailARN": "arn:aws:cloudtrail:a"}, *TRAIL["trailList"]]}

    class Asked(Account):
        def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
            if arguments.get("Name") == "arn:aws:cloudtrail:a":
                raise DENIED
            return super().ask(service, region, action, **arguments)

    found = looks(Asked(answers={**READY, ("cloudtrail", "describe_trails"): two}))
    assert of(found, S, "a trail").detail == "all logs them"


@pytest.mark.parametrize(
    ("answers", "what", "message"),
    [
        (
            {"ec2__describe_addresses": {"Addresses": [{"PublicIp": "192.0.2.1"}] * 5}},
            "Elastic IP",
            "5 of 5 used, 1 more needed",
        ),
        ({"ec2__describe_vpcs": {"Vpcs": [{"VpcId": "vpc-1"}] * 5}}, "VPCs", "5 of 5 used, 1 more needed"),
        (
            {"lambda__get_account_settings": {"AccountLimit": dict.fromkeys(LIMITS, 10)}},
            "concurrent executions",
            "10 not reserved, ",
        ),
    ],
    ids=["addresses", "VPCs", "concurrency"],
)
def test_too_little_room_names_the_increase(answers: Mapping[str, Any], what: str, message: str) -> None:
    found = of(looks(account(**answers)), T, what)
    assert (found.state, found.detail.startswith(message)) == ("missing", True)
    assert found.fix.startswith(f"aws service-quotas request-service-quota-increase --region {T} --service-code ")


def test_a_quota_that_was_raised_gives_room() -> None:
    full = {"Addresses": [{"PublicIp": "192.0.2.1"}] * 5}
    raised = {"Quota": {"Value": 20.0}}
    found = looks(account(ec2__describe_addresses=full, serviceQuotas__get_service_quota=raised))
    assert of(found, S, "Elastic IP").detail == "5 of 20 used, 1 more needed"


def test_nat_gateways_are_counted_in_the_zone_that_the_stack_adds_to() -> None:
    zones = {
        subnet["SubnetId"]: subnet["AvailabilityZone"]
        for subnet in Account().ask("ec2", S, "describe_subnets")["Subnets"]
    }
    ids = {zone: subnet for subnet, zone in zones.items()}
    for zone, state in (("us-east-1a", "missing"), ("us-east-1b", "ready")):
        five = {"NatGateways": [{"SubnetId": ids[zone]}] * 5}
        assert of(looks(account(ec2__describe_nat_gateways=five)), S, "NAT").state == state


def test_what_the_stack_has_already_needs_no_room_again() -> None:
    there = {"StackResourceSummaries": [resource("AWS::EC2::EIP", "192.0.2.1")]}
    gone = {"StackResourceSummaries": [resource("AWS::EC2::EIP", "192.0.2.1", "DELETE_COMPLETE")]}
    for listed, counted in ((there, 0), (gone, 1)):
        found = looks(account(cloudformation__list_stack_resources=listed))
        assert len([look for look in found if look.what == "Elastic IP addresses" and look.region == S]) == counted


@pytest.mark.parametrize("factor", [1, 5])
def test_the_concurrency_that_is_needed_follows_from_shards_and_factor(factor: int) -> None:
    value = json.loads(json.dumps(TEMPLATE.value))
    value["Resources"]["KinesisEventSourceMapping"]["Properties"]["ParallelizationFactor"] = factor
    functions = sum(item["Type"] == "AWS::Lambda::Function" for item in value["Resources"].values())
    shards = int(value["Parameters"]["ShardCount"]["Default"])
    detail = of(looks(account(), loader.parse(json.dumps(value), "factor.json")), S, "concurrent").detail
    assert detail == f"900 not reserved, {shards * factor + functions - 1} needed"


TABLE, BUCKET = "migration-state-prod-2024", f"trading-data-prod-2024-{S}"
MADE: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    TABLE: ("dynamodb", "create_table", {
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
    }),
    BUCKET: ("s3", "create_bucket", {"Bucket": BUCKET}),
    f"market-data-stream-prod-2024-{S}": (
        "kinesis", "create_stream", {"StreamName": f"market-data-stream-prod-2024-{S}", "ShardCount": 1},
    ),
    "trading-platform-backup-prod-2024": (
        "backup", "create_backup_vault", {"BackupVaultName": "trading-platform-backup-prod-2024"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_a_name_that_an_earlier_stack_left_is_named_and_one_of_the_own_stack_is_fine(name: str) -> None:
    client, operation, arguments = MADE[name]
    Account().ask(client, S, operation, **arguments)
    found = of(looks(account()), S, f" {name}")
    assert (found.state, found.detail) == ("missing", "it is there, and not of the stack trading-platform")
    assert name in found.fix
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Kinesis::Stream", "AWS::Backup::BackupVault")
    own = {"StackResourceSummaries": [resource(kind, name) for kind in kinds]}
    found = of(looks(account(cloudformation__list_stack_resources={S: own, T: NO_STACK})), S, f" {name}")
    assert (found.state, found.detail) == ("ready", "it is of the stack trading-platform")


def test_a_global_table_takes_its_name_in_the_region_of_each_replica() -> None:
    Account().ask("dynamodb", T, "create_table", **{**MADE[TABLE][2], "TableName": "trading-analytics-prod-2024"})
    found = looks(account())
    assert [of(found, region, "GlobalTable").state for region in (S, T)] == ["ready", "missing"]


def test_a_bucket_name_that_another_account_has_is_taken() -> None:
    found = of(looks(account(s3__head_bucket=answered("403", "Forbidden"))), S, "Bucket")
    assert (found.state, found.detail) == ("missing", "the name is taken by another account")


def test_an_own_bucket_that_may_not_be_looked_at_is_no_pass() -> None:
    Account().ask("s3", S, "create_bucket", Bucket=BUCKET)
    found = of(looks(account(s3__head_bucket=answered("403", "Forbidden"))), S, "Bucket")
    assert (found.state, found.detail) == ("unknown", "could not look: needs s3:ListBucket")


def test_the_bucket_of_another_account_has_to_be_there() -> None:
    value = json.loads(json.dumps(TEMPLATE.value))
    bucket = value["Resources"]["TradingDataBucket"]["Properties"]
    bucket["ReplicationConfiguration"] = {"Rules": [{"Destination": {"Bucket": "arn:aws:s3:::theirs"}}]}
    document = loader.parse(json.dumps(value), "foreign.json")
    found = looks(account(), document)
    assert of(found, S, "bucket theirs, which replicas go to").state == "missing"
    found = looks(account(s3__head_bucket=answered("403", "Forbidden")), document)
    assert of(found, S, "which replicas go to").state == "ready"


DENIABLE = {
    "ec2__describe_regions": "ec2:DescribeRegions",
    "cloudformation__list_stack_resources": "cloudformation:ListStackResources",
    "dynamodb__describe_table": "dynamodb:DescribeTable",
    "kinesis__describe_stream_summary": "kinesis:DescribeStreamSummary",
    "backup__list_backup_vaults": "backup:ListBackupVaults",
    "backup__describe_region_settings": "backup:DescribeRegionSettings",
    "ec2__describe_addresses": "ec2:DescribeAddresses",
    "ec2__describe_vpcs": "ec2:DescribeVpcs",
    "lambda__get_account_settings": "lambda:GetAccountSettings",
    "cloudtrail__describe_trails": "cloudtrail:DescribeTrails",
    "serviceQuotas__get_service_quota": "servicequotas:GetServiceQuota",
}


@pytest.mark.parametrize("call", DENIABLE)
def test_a_call_that_is_denied_is_no_pass_and_names_its_action(call: str) -> None:
    found = looks(account(**{call: DENIED}))
    unseen = [look for look in found if look.state == "unknown"]
    assert unseen
    assert all(DENIABLE[call] in look.detail and look.detail.startswith("could not look: needs ") for look in unseen)
    assert exit_code(found) == 2


def test_a_stack_set_needs_its_roles() -> None:
    chosen = StackSet("trading", S, "Admin", "Exec")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    Account().ask("iam", S, "create_role", RoleName="Admin", AssumeRolePolicyDocument=trust)
    found = looks(account(), chosen=chosen)
    assert [(look.what, look.state) for look in found if look.what.startswith("role ")] == [
        ("role Admin", "ready"),
        ("role Exec", "missing"),
    ]


def large() -> Job:
    value = json.loads(json.dumps(TEMPLATE.value))
    value["Metadata"] = {"Padding": "x" * 60_000}
    document = loader.parse(json.dumps(value), "large.json")
    return Job(document, PLAN, account(**NO_BUCKET), Screen(io.StringIO()), lambda *_: Body())


def test_a_large_template_needs_a_bucket() -> None:
    doing = large()
    assert isinstance(doing.cloud, Account)
    sender = Sender(doing.cloud, doing.template, (T, S), ACCOUNT)
    found = of([*preflight(doing, sender)], "", "bucket for templates")
    assert (found.state, "stackproof deploy lib/Prerequisites.json" in found.fix) == ("missing", True)
    sender_with_bucket = Sender(doing.cloud, doing.template, (T, S), ACCOUNT, "mine")
    assert of([*preflight(doing, sender_with_bucket)], "", "bucket for templates").detail == "mine"


Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("answers", "code", "message"),
    [
        ({}, 0, "the account is ready: "),
        ({"cloudtrail__describe_trails": {"trailList": []}}, 1, "the account is not ready: "),
        ({"cloudtrail__describe_trails": DENIED}, 2, "cannot tell: "),
    ],
    ids=["ready", "missing", "unknown"],
)
def test_the_command_ends_0_1_or_2(
    answers: Mapping[str, Any], code: int, message: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: account(**answers))
    assert main.main(["preflight"]) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(message)


def test_deploy_looks_first_and_touches_nothing_where_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    cloud = account(cloudtrail__describe_trails={"trailList": []})
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: cloud)
    assert main.main(["deploy", "--no-gate"]) == 1
    out, err = capsys.readouterr()
    assert ("a trail for management events: no trail logs" in out, "the account is not ready" in err) == (True, True)
    assert {action.split("_")[0] for _, _, action in cloud.calls} <= {"describe", "get", "head", "list"}


def test_deploy_skips_the_look_if_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = answered("Stopped", "reached the stacks")
    cloud = account(cloudtrail__describe_trails={"trailList": []}, cloudformation__describe_stacks=changed)
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: cloud)
    assert main.main(["deploy", "--no-gate", "--skip-preflight"]) == 1
    assert ("cloudtrail", S, "describe_trails") not in cloud.calls


def test_a_failure_that_is_no_denial_is_shown_as_it_is() -> None:
    busy = Failed("DescribeRegionSettings: Busy: later")
    found = of(looks(account(backup__describe_region_settings=busy)), S, "AWS Backup")
    assert (found.state, found.detail) == ("unknown", "could not look: DescribeRegionSettings: Busy: later")
