"""The roles of the functions hold exactly what is used: without any one action or resource something breaks."""

from collections.abc import Iterator

import pytest
import role_removals
from role_removals import DAYS, Removal, broken
from runtime import stacks
from runtime.aws import Aws, account
from runtime.function import Function
from runtime.roles import DeniedError, Role
from runtime.trades import batch, trade

from stackproof.foundation.finding import Place
from stackproof.iam.simulation import policies
from stackproof.rules.cases import run_case
from stackproof.rules.rule_files import Case, discover

STACKS = {"source": stacks.source(), "target": stacks.target()}


@pytest.fixture(scope="module", params=STACKS)
def aws(request: pytest.FixtureRequest) -> Iterator[Aws]:
    with account(STACKS[request.param], stacks.source()) as opened:
        yield opened


def described() -> list[tuple[str, str]]:
    """Return role and removal of all removals of the source stack, as names of tests."""
    with account(stacks.source()) as opened:
        return [(item.role, item.what) for role in DAYS for item in role_removals.removals(opened, role)]


REMOVALS = described()
INDEXES = {f"{role} without {what}": index for index, (role, what) in enumerate(REMOVALS)}


def removal(aws: Aws, index: int) -> Removal:
    return [item for role in DAYS for item in role_removals.removals(aws, role)][index]


@pytest.mark.parametrize("role", DAYS)
def test_under_the_role_as_it_is_all_goes_well(aws: Aws, role: str) -> None:
    assert (broken(aws, role), aws.denied) == ([], [])


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_without_any_one_action_or_resource_something_breaks(aws: Aws, index: int) -> None:
    changed = removal(aws, index)
    assert broken(aws, changed.role, changed.policies), f"{changed} is not needed"


ADDED = ["dynamodb:DeleteItem", "kinesis:PutRecord", "logs:CreateLogGroup", "s3:GetObject", "ssm:GetParameters"]


@pytest.mark.parametrize("role", DAYS)
@pytest.mark.parametrize("action", ADDED)
def test_with_any_one_action_more_the_rule_of_exactness_fails(role: str, action: str) -> None:
    (rule,) = (item for item in discover(str(stacks.ROOT / "rules")) if item.name == "permissions_exact")
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    path = f"/Resources/{role}/Properties/Policies/0/PolicyDocument/Statement/-"
    patch = [{"op": "add", "path": path, "value": statement}]
    at = f"/Resources/{role}"
    case = Case(rule.name, "one action more", "fail", patch, None, None, at, Place("here", 1, 1))
    assert run_case(stacks.document(), stacks.pairs()[:1], rule, case) == ""


def test_a_call_that_is_not_known_is_denied(aws: Aws) -> None:
    function = Function(aws, "AnalyticsFunction")
    with pytest.raises(DeniedError, match="not known"):
        function.role.check_call("dynamodb", "Scan", {"TableName": "trading-analytics-prod-2024"})


def test_a_table_of_another_name_is_denied(aws: Aws) -> None:
    role = Role(aws.stack, "LambdaExecutionRole", policies(aws.stack)["LambdaExecutionRole"])
    with pytest.raises(DeniedError, match="implicitly denied"):
        role.check_call("dynamodb", "BatchWriteItem", {"RequestItems": {"trading-analytics-other": []}})


def test_a_metric_of_another_namespace_is_denied(aws: Aws) -> None:
    role = Role(aws.stack, "MigrationTrackerRole", policies(aws.stack)["MigrationTrackerRole"])
    with pytest.raises(DeniedError, match="implicitly denied"):
        role.check_call("cloudwatch", "PutMetricData", {"Namespace": "AWS/Lambda"})


def test_a_denied_call_reaches_the_code_as_it_would_from_aws(aws: Aws) -> None:
    aws.clear()
    result = Function(aws, "AnalyticsFunction", ()).invoke(batch(trade(1)))
    assert (result.error, "AccessDenied" in result.message) == ("ClientError", True)
