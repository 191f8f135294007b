"""Policies: which statements, how large, what is widened, and laws of widening."""

import json

import pytest

from stackproof.permissions.documents import INLINE, LARGEST, Statement, packed, policies, size
from stackproof.permissions.required import Reason, Required
from stackproof.permissions.role import referring, role_template
from stackproof.permissions.widening import joined, without_covered

ACCOUNT = "111111111111"


def need(
    action: str, resource: str, logical: str = "T", conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
) -> Required:
    return Required(action, resource, conditions, Reason(logical, "AWS::DynamoDB::Table", "create"))


def table(name: str, region: str = "us-east-1") -> str:
    return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"


def test_actions_on_the_same_resources_share_a_statement() -> None:
    made = policies([need("dynamodb:CreateTable", table("a")), need("dynamodb:DeleteTable", table("a"))])
    assert made.documents == ((Statement(("dynamodb:CreateTable", "dynamodb:DeleteTable"), (table("a"),)),),)


def test_what_a_pattern_covers_is_not_named_beside_it() -> None:
    assert without_covered([table("a"), table("*"), "*"]) == ("*",)
    assert without_covered([table("a"), table("a-*")]) == (table("a"), table("a-*"))


def test_a_size_is_that_of_the_document_without_white_space() -> None:
    statements = [Statement(("dynamodb:CreateTable",), (table("a"), table("b")), (("k", ("v",)),))]
    (document,) = policies(
        [need("dynamodb:CreateTable", table(item), conditions=(("k", ("v",)),)) for item in "ab"]
    ).stated()
    written = json.dumps(document, separators=(",", ":")).replace("arn:aws:", "arn:aws-us-gov:")
    assert abs(size(statements) - len(written)) <= 1


@pytest.mark.parametrize("count", [1, 200, 700])
def test_no_document_is_larger_than_iam_takes(count: int) -> None:
    wanted = [
        need("dynamodb:CreateTable", table(f"orders-of-customer-{number:04}"), f"T{number}") for number in range(count)
    ]
    made = policies(wanted)
    assert made.fit()
    assert max(map(size, made.documents)) <= LARGEST


def test_only_as_much_is_widened_as_does_not_fit() -> None:
    many = [
        need("dynamodb:CreateTable", table(f"orders-of-customer-{number:04}", region))
        for number in range(900)
        for region in ("us-east-1",)
    ]
    few = [need("sqs:CreateQueue", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q")]
    made = policies([*many, *few])
    assert [item.service for item in made.widened] == ["dynamodb"]
    assert Statement(("sqs:CreateQueue",), (f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",)) in made.documents[0]


@pytest.mark.parametrize(
    ("arns", "expected"),
    [
        ([table("order-dev"), table("order-prod")], [table("order-*")]),
        (
            [table("order-us-east-1"), table("order-us-west-2", "us-west-2")],
            [f"arn:aws:dynamodb:*:{ACCOUNT}:table/order-us-*"],
        ),
        (
            [table("order-us-east-1"), table("order-eu-west-1", "eu-west-1")],
            [f"arn:aws:dynamodb:*:{ACCOUNT}:table/order-*"],
        ),
        ([table("a"), f"arn:aws:sqs:us-east-1:{ACCOUNT}:a"], [table("a"), f"arn:aws:sqs:us-east-1:{ACCOUNT}:a"]),
        (["arn:aws:s3:::order-x/k", "arn:aws:s3:::order-y/k"], ["arn:aws:s3:::order-*/k"]),
        ([table("xa"), table("ya")], [table("*")]),
    ],
)
def test_arns_of_one_resource_become_one_pattern(arns: list[str], expected: list[str]) -> None:
    assert joined(arns) == expected


def test_a_statement_that_is_too_large_is_cut() -> None:
    large = Statement(tuple(f"s:A{number:05}" for number in range(900)), ("*",))
    parts = packed([large])
    assert sorted(action for document in parts for item in document for action in item.actions) == list(large.actions)
    assert max(map(size, parts)) <= LARGEST


def test_a_role_holds_what_fits_and_else_is_given_managed_policies() -> None:
    small = role_template(policies([need("dynamodb:CreateTable", table("a"))]))
    wanted = [
        need("dynamodb:CreateTable", table(f"orders-of-customer-{number:04}"), f"T{number}") for number in range(300)
    ]
    large = role_template(policies(wanted))
    assert ([*small["Resources"]], "Policies" in small["Resources"]["DeploymentRole"]["Properties"]) == (
        ["DeploymentRole"],
        True,
    )
    assert sum(map(size, policies(wanted).documents)) > INLINE
    assert len(large["Resources"]["DeploymentRole"]["Properties"]["ManagedPolicyArns"]) == len(large["Resources"]) - 1


def test_references_stand_in_the_place_of_account_and_partition() -> None:
    assert referring({"Resource": table("a"), "Condition": {"k": ACCOUNT}, "Action": "s3:*"}) == {
        "Resource": {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:us-east-1:${AWS::AccountId}:table/a"},
        "Condition": {"k": {"Ref": "AWS::AccountId"}},
        "Action": "s3:*",
    }
