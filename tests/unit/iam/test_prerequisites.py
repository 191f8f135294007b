"""lib/Prerequisites.json: what its execution role allows is what the template's types need, and fits IAM's quotas."""

import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import evaluated
from stackproof.evaluation.stack import Stack
from stackproof.foundation.values import as_list
from stackproof.iam.simulation import Request, decide, policies
from stackproof.permissions.comparison import differences
from stackproof.permissions.required import Required
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
ROLE = "StackSetExecutionRole"
OWN = {"aws:ResourceAccount": "111111111111"}


@pytest.fixture(scope="module")
def stack() -> Stack:
    pairs = scenario.load(str(ROOT / "rules/prerequisites.scenarios.yaml"))
    return evaluated(loader.load(str(ROOT / "lib/Prerequisites.json")), pairs[0]).resolved.source


def decided(stack: Stack, name: str, resource: str, **context: str) -> str:
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    return decide(policies(stack)[ROLE], Request(name, resource, {**OWN, **keys}))


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("execution_role", ROOT / "docs/execution_role.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def needed(script: Any) -> list[Required]:
    """What the role needs in all scenarios."""
    found: list[Required] = script.needed()
    return found


def test_the_policies_are_fresh(script: Any, needed: list[Required]) -> None:
    text = script.GOAL.read_text(encoding="utf-8")
    assert script.fresh(text, needed) == text, "run python docs/execution_role.py"


def test_each_managed_policy_and_their_number_are_within_the_quotas(stack: Stack) -> None:
    """Source: IAM User Guide, "IAM and STS quotas": 6,144 characters without white space; 10 policies a role."""
    documents = [resource["PolicyDocument"] for _, resource in stack.of_type("AWS::IAM::ManagedPolicy")]
    sizes = [len("".join(json.dumps(document, separators=(",", ":")).split())) for document in documents]
    assert max(sizes) <= 6_144
    assert len(sizes) == len(stack.resources[ROLE]["Properties"]["ManagedPolicyArns"]) <= 10


def test_the_role_has_what_the_stacks_of_the_template_need_and_no_more(stack: Stack, needed: list[Required]) -> None:
    assert len({item.action for item in needed}) > 250
    assert differences(policies(stack)[ROLE], needed, "111111111111") == ()


@pytest.mark.parametrize("name", ["dynamodb:CreateTable", "iam:PassRole", "s3:PutLifecycleConfiguration"])
def test_an_action_that_is_taken_out_of_the_role_is_lacking(stack: Stack, needed: list[Required], name: str) -> None:
    less = [item._replace(statements=without(item.statements, name)) for item in policies(stack)[ROLE]]
    near = [item for item in needed if item.action.startswith(name.partition(":")[0])]
    found = [item for item in differences(less, near, "111111111111") if item.kind == "lacks"]
    assert {(item.kind, item.action) for item in found} == {("lacks", name)}


def without(statements: Iterable[Mapping[str, Any]], name: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {**item, "Action": [action for action in as_list(item["Action"]) if action != name]} for item in statements
    )


@pytest.mark.parametrize(
    ("name", "resource", "context"),
    [
        ("iam:CreateRole", "arn:aws:iam::111111111111:role/Admin", {}),
        ("iam:PassRole", "arn:aws:iam::111111111111:role/Admin", {"iam_PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", "arn:aws:iam::111111111111:role/StackSet-a", {"iam_PassedToService": "ec2.amazonaws.com"}),
        ("iam:CreateUser", "arn:aws:iam::111111111111:user/StackSet-a", {}),
        ("s3:DeleteBucket", "arn:aws:s3:::data", {"aws_ResourceAccount": "222222222222"}),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:us-east-1:222222222222:table/a", {}),
        ("cloudformation:DeleteStack", "arn:aws:cloudformation:us-east-1:111111111111:stack/other/1", {}),
        ("ec2:RunInstances", "arn:aws:ec2:us-east-1:111111111111:instance/*", {}),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_the_role_may_not_do_more(stack: Stack, name: str, resource: str, context: dict[str, str]) -> None:
    assert decided(stack, name, resource, **context) == "implicitly denied"
