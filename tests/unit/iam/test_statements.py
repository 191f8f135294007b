"""What policies state, and which actions IAM has."""

import pytest
from stacks import ref, resource, stack

from stackproof.aws.arn import covers
from stackproof.aws.iam_actions import action, is_service
from stackproof.iam.conditions import holds
from stackproof.iam.statements import of_roles, statements

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}
POLICY = {"PolicyName": "p", "PolicyDocument": {"Statement": [ALLOW]}}


def test_a_statement_has_its_parts_and_its_place() -> None:
    role = resource("IAM::Role", AssumeRolePolicyDocument=TRUST, Policies=[POLICY])
    trust, grant = statements(stack({"Role": role}))
    assert (trust.is_trust, trust.services()) == (True, ["lambda.amazonaws.com"])
    assert (grant.owner, grant.actions, grant.path[-3:]) == (
        "Role",
        ("s3:GetObject",),
        ("PolicyDocument", "Statement", 0),
    )


def test_a_policy_written_as_text_is_read() -> None:
    text = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"logs:PutLogEvents","Resource":"*"}}'
    (statement,) = statements(stack({"It": resource("Logs::ResourcePolicy", PolicyDocument=text)}))
    assert statement.principals == (("*", "*"),)


def test_what_a_custom_resource_is_sent_is_no_policy() -> None:
    custom = resource("CloudFormation::CustomResource", ServiceToken="t", Statement=[ALLOW])
    assert statements(stack({"It": custom})) == ()


BESIDE = {
    "a policy": {"It": resource("IAM::Policy", Roles=[ref("Role")], **POLICY)},
    "a role policy": {"It": resource("IAM::RolePolicy", RoleName=ref("Role"), **POLICY)},
    "a managed policy": {
        "It": resource("IAM::ManagedPolicy", Roles=[ref("Role")], PolicyDocument=POLICY["PolicyDocument"])
    },
}


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
def test_a_role_holds_what_stands_beside_it(beside: dict[str, object]) -> None:
    held = of_roles(stack({"Role": resource("IAM::Role", RoleName="r"), **beside}))
    assert [role.owner for role in held["Role"]] == ["It"]


def test_a_role_holds_the_managed_policies_that_it_names() -> None:
    managed = resource("IAM::ManagedPolicy", ManagedPolicyName="m", PolicyDocument=POLICY["PolicyDocument"])
    held = of_roles(stack({"Role": resource("IAM::Role", ManagedPolicyArns=[ref("It")]), "It": managed}))
    assert [role.owner for role in held["Role"]] == ["It"]


COVERS = [
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k", True),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/*", True),
    ("arn:aws:s3:::b/?", "arn:aws:s3:::b/kk", False),
    ("arn:aws:s3:::b", "arn:aws:s3:::B", False),
    ("arn:aws:s3:::b.", "arn:aws:s3:::bc", False),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), COVERS)
def test_a_pattern_covers_texts_and_narrower_patterns(pattern: str, text: str, expected: bool) -> None:
    assert covers(pattern, text) is expected


HOLDS = [
    ({"StringEquals": {"aws:SourceAccount": "1"}}, True),
    ({"StringEquals": {"AWS:sourceaccount": ["2", "1"]}}, True),
    ({"StringEquals": {"aws:SourceAccount": "2"}}, False),
    ({"ArnLike": {"aws:SourceArn": "arn:*:t"}}, True),
    ({"StringEquals": {"aws:SourceVpc": "v"}}, None),
    ({"Bool": {"aws:SecureTransport": "true"}}, None),
    ({"StringEquals": {"aws:SourceVpc": "v", "aws:SourceAccount": "2"}}, False),
    ({}, True),
]


@pytest.mark.parametrize(("conditions", "expected"), HOLDS)
def test_conditions_hold_fail_or_cannot_be_told(conditions: dict[str, dict[str, str]], expected: bool | None) -> None:
    assert holds(conditions, {"aws:SourceAccount": "1", "aws:SourceArn": "arn:aws:t"}) is expected


NARROWED = [
    ("s3:ListBucket", "arn:aws:s3:::b", ["arn:aws:s3:::b"]),
    ("s3:ListBucket", "arn:aws:s3:::b/*", []),
    ("s3:PutObject", "arn:aws:s3:::b", []),
    ("sqs:SendMessage", "https://sqs.us-east-1.amazonaws.com/1/q", []),
    ("dynamodb:PutItem", "arn:aws:dynamodb:r:1:*", ["arn:aws:dynamodb:r:1:table/*"]),
    ("ec2:DeleteNetworkInterface", "arn:aws:ec2:r:1:*/*", ["arn:aws:ec2:r:1:network-interface/*"]),
    ("dynamodb:PutItem", "*", ["arn:*:dynamodb:*:*:table/*"]),
    ("ec2:DescribeSubnets", "*", ["*"]),
    ("cloudwatch:PutMetricData", "*", ["*"]),
]


@pytest.mark.parametrize(("name", "arn", "narrowed"), NARROWED)
def test_a_grant_comes_to_what_the_action_knows(name: str, arn: str, narrowed: list[str]) -> None:
    known = action(name)
    assert known is not None
    assert known.narrowed(arn) == narrowed


def test_an_action_that_no_service_has_is_none() -> None:
    assert (action("s3:GetObjct"), action("s4:GetObject"), is_service("s4"), is_service("s3")) == (
        None,
        None,
        False,
        True,
    )
