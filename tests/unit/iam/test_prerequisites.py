"""lib/Prerequisites.json: what its execution role allows is what the template's types need, and fits IAM's quotas."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stackproof.aws.iam_actions import action
from stackproof.aws.schemas import schema
from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import evaluated
from stackproof.evaluation.stack import Stack
from stackproof.iam.simulation import Request, decide, policies
from stackproof.template import loader

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "docs/execution_role.py"
ROLE = "StackSetExecutionRole"
OWN = {"aws:ResourceAccount": "111111111111"}


@pytest.fixture(scope="module")
def stack() -> Stack:
    pairs = scenario.load(str(ROOT / "rules/prerequisites.scenarios.yaml"))
    return evaluated(loader.load(str(ROOT / "lib/Prerequisites.json")), pairs[0]).resolved.source


def decided(stack: Stack, name: str, resource: str, **context: str) -> str:
    keys = {key.replace("_", ":"): value for key, value in context.items()}
    return decide(policies(stack)[ROLE], Request(name, resource, {**OWN, **keys}))


def test_the_list_of_actions_is_fresh() -> None:
    here = {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False, env=here)
    assert (done.returncode, done.stderr) == (0, "")


def test_each_managed_policy_and_their_number_are_within_the_quotas(stack: Stack) -> None:
    """Source: IAM User Guide, "IAM and STS quotas": 6,144 characters without white space; 10 policies a role."""
    documents = [resource["PolicyDocument"] for _, resource in stack.of_type("AWS::IAM::ManagedPolicy")]
    sizes = [len("".join(json.dumps(document, separators=(",", ":")).split())) for document in documents]
    assert max(sizes) <= 6_144
    assert len(sizes) == len(stack.resources[ROLE]["Properties"]["ManagedPolicyArns"]) <= 10


KINDS = sorted(
    {resource["Type"] for resource in loader.load(str(ROOT / "lib/TapStack.json")).value["Resources"].values()}
)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if schema(kind).get("handlers")])
def test_a_type_of_the_template_is_created_and_deleted_in_the_role(stack: Stack, kind: str) -> None:
    """What both need of the type's own service is allowed; what IAM does not know cannot be."""
    service = kind.split("::")[1].lower().replace("stepfunctions", "states")
    handlers = schema(kind)["handlers"]
    names = {
        permission for verb in ("create", "delete") for permission in handlers.get(verb, {}).get("permissions", ())
    }
    asked = [item for item in names if item.startswith(f"{service}:") and "*" not in item and action(item)]
    assert asked
    denied = [
        request
        for request in asked
        if decided(stack, request, sample(request), iam_PassedToService="lambda.amazonaws.com") != "allowed"
    ]
    assert denied == []


def sample(name: str) -> str:
    """Return an ARN of this account that an action may be on: of a stack's role, of a key, of whichever thing."""
    service = name.partition(":")[0]
    if not getattr(action(name), "kinds", ()):
        return "*"
    scopes = {"iam": "iam::111111111111:role/StackSet-a-b", "s3": "s3:::data", "route53": "route53:::healthcheck/1"}
    return f"arn:aws:{scopes.get(service, f'{service}:eu-central-1:111111111111:thing/one')}"


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
