"""What a policy lacks and has too much, statement by statement, and which files hold policies."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from worlds import scenario

from stackproof.foundation.finding import CannotTell
from stackproof.iam.simulation import Policy
from stackproof.permissions.comparison import differences
from stackproof.permissions.held import held
from stackproof.permissions.required import Conditions, Reason, Required

ACCOUNT = "111111111111"
TABLES = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
TO_LAMBDA: Conditions = (("iam:PassedToService", ("lambda.amazonaws.com",)),)


def need(action: str, resource: str, conditions: Conditions = ()) -> Required:
    return Required(action, resource, conditions, Reason("T", "AWS::DynamoDB::Table", "create"))


NEEDED = (
    need("dynamodb:CreateTable", f"{TABLES}/orders-dev"),
    need("dynamodb:CreateTable", f"{TABLES}/orders-prod"),
    need("ec2:DescribeVpcs", "*"),
    need("iam:PassRole", ROLE, TO_LAMBDA),
)


def allow(action: Any, resource: Any, **condition: Any) -> dict[str, Any]:
    stated = {"Condition": {"StringEquals": condition}} if condition else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **stated}


PASSES = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE, "Condition": {"StringEquals": dict(TO_LAMBDA)}}
BASE = (allow("dynamodb:CreateTable", f"{TABLES}/orders-*"), allow("ec2:DescribeVpcs", "*"), PASSES)


def found(*statements: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(item.kind, item.message) for item in differences([Policy(statements)], NEEDED, ACCOUNT)]


def test_a_policy_of_what_is_needed_differs_in_nothing() -> None:
    assert found(*BASE) == []


NEEDS = "T (AWS::DynamoDB::Table) needs it to create"
SERVICE = "iam:PassedToService"


@pytest.mark.parametrize(
    ("statements", "kind", "message"),
    [
        pytest.param(
            BASE[1:],
            "lacks",
            f"dynamodb:CreateTable on {TABLES}/orders-dev, {TABLES}/orders-prod: {NEEDS}",
            id="no statement",
        ),
        pytest.param(
            (allow("dynamodb:CreateTable", f"{TABLES}/orders-dev"), *BASE[1:]),
            "lacks",
            f"dynamodb:CreateTable on {TABLES}/orders-prod: {NEEDS}",
            id="one of two tables",
        ),
        pytest.param(
            (*BASE, {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}),
            "lacks",
            f"ec2:DescribeVpcs on *: {NEEDS}",
            id="denied",
        ),
        pytest.param(
            (*BASE, allow("s3:PutObject", "*")), "too much", "nothing needs s3:PutObject", id="another action"
        ),
        pytest.param((*BASE, allow("s3:NoSuch", "*")), "too much", "nothing needs s3:NoSuch", id="no action of IAM"),
        pytest.param((*BASE, allow("*", "*")), "too much", "it allows actions of every service", id="all actions"),
        pytest.param(
            (*BASE, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            "too much",
            "it allows actions of every service",
            id="all actions but some",
        ),
        pytest.param(
            (allow("dynamodb:CreateTable", f"{TABLES}/*"), *BASE[1:]),
            "too much",
            f"dynamodb:CreateTable on {TABLES}/* is more than arn:aws:dynamodb:*:{ACCOUNT}:table/orders-*",
            id="all tables",
        ),
        pytest.param(
            (*BASE[:2], allow("iam:PassRole", ROLE)),
            "too much",
            f"iam:PassRole has no condition on {SERVICE}",
            id="to any service",
        ),
        pytest.param(
            (*BASE[:2], allow("iam:PassRole", ROLE, **{SERVICE: ["lambda.amazonaws.com", "x.amazonaws.com"]})),
            "too much",
            f"iam:PassRole is allowed with {SERVICE} x.amazonaws.com, which nothing needs",
            id="to two services",
        ),
    ],
)
def test_a_difference_is_named(statements: tuple[Mapping[str, Any], ...], kind: str, message: str) -> None:
    assert found(*statements) == [(kind, message)]


def test_a_role_that_is_passed_to_another_service_is_lacking_and_too_much() -> None:
    other = allow("iam:PassRole", ROLE, **{SERVICE: "x.amazonaws.com"})
    assert [kind for kind, _ in found(*BASE[:2], other)] == ["lacks", "too much"]


def test_a_name_with_wildcards_is_named_with_what_it_allows() -> None:
    (item,) = found(*BASE, allow("sqs:*", "*"))
    assert item[0] == "too much"
    assert item[1].startswith("sqs:* allows ")
    assert "actions that nothing needs, such as " in item[1]


DOCUMENT = {"Version": "2012-10-17", "Statement": [allow("ec2:DescribeVpcs", "*")]}
TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}
ROLE_RESOURCE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "p", "PolicyDocument": DOCUMENT}],
    },
}


@pytest.mark.parametrize(
    "value",
    [
        DOCUMENT,
        [DOCUMENT],
        {"PolicyDocument": DOCUMENT},
        {"PolicyVersion": {"Document": DOCUMENT}},
        ROLE_RESOURCE,
        ROLE_RESOURCE["Properties"],
        {"Resources": {"R": ROLE_RESOURCE}},
    ],
    ids=["a document", "a list", "get-role-policy", "get-policy-version", "a role", "its properties", "a template"],
)
def test_policies_are_read_from(value: Any, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(value))
    (policy,) = held(str(tmp_path / "p.json"), [scenario()])
    assert policy.statements == tuple(DOCUMENT["Statement"])


TWO = {"Resources": {"R": ROLE_RESOURCE, "S": ROLE_RESOURCE}}


@pytest.mark.parametrize(
    ("value", "name", "message"),
    [
        ({}, "", "there is no policy"),
        ([1], "", "there is no policy"),
        ({"Statement": [{"Action": "s3:*"}]}, "", "a statement is a mapping with Effect"),
        (
            {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}},
            "",
            "no scenario has a role in which CloudFormation deploys",
        ),
        (TWO, "", "CloudFormation deploys in the roles R and S"),
        (TWO, "#T", "no scenario has the role T"),
    ],
)
def test_what_holds_no_policy_is_refused(value: Any, name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(value))
    with pytest.raises(CannotTell, match=message):
        held(f"{tmp_path}/p.json{name}", [scenario()])


def test_one_of_two_roles_is_named() -> None:
    (policy,) = held("lib/Prerequisites.json#StackSetAdministrationRole", [scenario(StackSetRolesEnabled="true")])
    assert [item["Action"] for item in policy.statements] == ["sts:AssumeRole"]
