"""The evaluation of policies, case by case against what the IAM User Guide documents; each table names its page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from runtime import stacks

from stackproof.foundation.finding import CannotTell
from stackproof.iam.simulation import Policy, Request, decide, policies

BUCKET, OBJECT = "arn:aws:s3:::b", "arn:aws:s3:::b/one/two.csv"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
DENY: dict[str, Any] = ALLOW | {"Effect": "Deny"}


def decided(
    *statements: Mapping[str, Any],
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    context: Mapping[str, str | Sequence[str]] | None = None,
    version: str = "2012-10-17",
) -> str:
    return decide([Policy(statements, version)], Request(action, resource, context or {}))


def allows(statement: dict[str, Any], **request: Any) -> bool:
    return decided(ALLOW | statement, **request) == "allowed"


def meets(condition: Mapping[str, Any], **context: str | Sequence[str]) -> bool:
    """Tell whether a condition holds; keys are given with `_` for their colon."""
    return allows({"Condition": condition}, context={key.replace("_", ":"): value for key, value in context.items()})


# reference_policies_evaluation-logic_policy-eval-denyallow
LOGIC: dict[str, tuple[list[Mapping[str, Any]], str]] = {
    "no statement": ([], "implicitly denied"),
    "an allow": ([ALLOW], "allowed"),
    "an allow of another action": ([ALLOW | {"Action": "s3:PutObject"}], "implicitly denied"),
    "an allow of another resource": ([ALLOW | {"Resource": BUCKET}], "implicitly denied"),
    "a deny": ([DENY], "explicitly denied"),
    "a deny behind an allow": ([ALLOW, DENY], "explicitly denied"),
    "a deny before an allow": ([DENY, ALLOW], "explicitly denied"),
    "a deny of another action": ([ALLOW, DENY | {"Action": "s3:PutObject"}], "allowed"),
    "a deny whose condition fails": (
        [ALLOW, DENY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}],
        "allowed",
    ),
}


@pytest.mark.parametrize(("statements", "decision"), LOGIC.values(), ids=LOGIC)
def test_a_request_is_decided_by(statements: list[Mapping[str, Any]], decision: str) -> None:
    assert decided(*statements) == decision


def test_a_deny_in_one_policy_wins_over_an_allow_in_another() -> None:
    assert decide([Policy((ALLOW,)), Policy((DENY,))], Request("s3:GetObject", OBJECT)) == "explicitly denied"


# reference_policies_elements_action, reference_policies_elements_notaction
ACTIONS = {
    "s3:GetObject": True,
    "S3:getobject": True,
    "s3:Get*": True,
    "s3:*": True,
    "*": True,
    "s3:GetObj??t": True,
    "s3:Get?": False,
    "s3:Get": False,
    "s3:GetObjectAcl": False,
    "sqs:*": False,
}


@pytest.mark.parametrize(("pattern", "matches"), ACTIONS.items())
def test_an_action_is_matched_by(pattern: str, matches: bool) -> None:
    assert allows({"Action": pattern}) is matches
    assert allows({"Action": ["sqs:SendMessage", pattern]}) is matches


def test_an_action_is_matched_by_all_that_not_action_leaves() -> None:
    statement = {"Effect": "Allow", "NotAction": ["s3:Put*", "s3:Delete*"], "Resource": "*"}
    assert [decided(statement, action=f"s3:{verb}Object") for verb in ("Get", "Put")] == [
        "allowed",
        "implicitly denied",
    ]


# reference_policies_elements_resource, reference_policies_elements_notresource
RESOURCES = {
    ("*", OBJECT): True,
    (OBJECT, OBJECT): True,
    ("arn:aws:s3:::b/*", OBJECT): True,
    ("arn:aws:s3:::b/*/two.???", OBJECT): True,
    ("arn:aws:s3:::b/*.csv", OBJECT): True,
    ("arn:aws:s3:::b", OBJECT): False,
    ("arn:aws:s3:::B/*", OBJECT): False,
    ("arn:aws:s3:::b/*", BUCKET): False,
    ("arn:aws:s3:::b*", BUCKET): True,
    ("arn:aws:s3:::b?", BUCKET): False,
    ("arn:aws:logs:*:*:log-group:g:*", "arn:aws:logs:r:1:log-group:g:log-stream:s"): True,
    ("arn:aws:logs:r:1:log-group:*", "arn:aws:logs:r:1:log-group:g:log-stream:s"): True,
    ("arn:aws:logs:r:1:log-group:g*x", "arn:aws:logs:r:1:log-group:g:log-stream:x"): False,
    ("arn:aws:logs:r:1:log-group:g?log-stream", "arn:aws:logs:r:1:log-group:g:log-stream"): False,
    ("arn:aws:ec2:r:1:*/*", "arn:aws:ec2:r:1:network-interface/*"): True,
    ("arn:aws:ec2:r:1:*/*", "arn:aws:ec2:r:2:network-interface/eni"): False,
    ("arn:aws:ec2:r:1:*/*", "*"): False,
}


@pytest.mark.parametrize(("pattern", "resource", "matches"), [(*pair, matches) for pair, matches in RESOURCES.items()])
def test_a_resource_is_matched_by(pattern: str, resource: str, matches: bool) -> None:
    assert allows({"Resource": pattern}, resource=resource) is matches
    assert allows({"Resource": ["arn:aws:s3:::other", pattern]}, resource=resource) is matches


def test_a_resource_is_matched_by_all_that_not_resource_leaves() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": [BUCKET, "arn:aws:s3:::c/*"]}
    answers = [decided(statement, resource=item) for item in (OBJECT, BUCKET, "arn:aws:s3:::c/x")]
    assert answers == ["allowed", "implicitly denied", "implicitly denied"]


# reference_policies_variables
VARIABLES: dict[str, tuple[str, dict[str, str | Sequence[str]], bool]] = {
    "a key's value": ("arn:aws:s3:::b/${aws:username}/*", {"aws:username": "one"}, True),
    "another value": ("arn:aws:s3:::b/${aws:username}/*", {"aws:username": "two"}, False),
    "a key in other letters": ("arn:aws:s3:::b/${AWS:UserName}/*", {"aws:username": "one"}, True),
    "no such key": ("arn:aws:s3:::b/${aws:username}/*", {}, False),
    "a default for no such key": ("arn:aws:s3:::b/${aws:username, 'one'}/*", {}, True),
    "a default not needed": ("arn:aws:s3:::b/${aws:username, 'two'}/*", {"aws:username": "one"}, True),
    "a key of several values": ("arn:aws:s3:::b/${aws:TagKeys}/*", {"aws:TagKeys": ["one"]}, False),
    "a value with a wildcard": ("arn:aws:s3:::b/${aws:username}", {"aws:username": "*"}, False),
}


@pytest.mark.parametrize(("pattern", "context", "matches"), VARIABLES.values(), ids=VARIABLES)
def test_a_variable_stands_for(pattern: str, context: dict[str, str | Sequence[str]], matches: bool) -> None:
    assert allows({"Resource": pattern}, context=context) is matches


@pytest.mark.parametrize("sign", "*?$")
def test_a_variable_can_spell_a_sign(sign: str) -> None:
    statement = {"Resource": f"arn:aws:s3:::b/${{{sign}}}"}
    assert allows(statement, resource=f"arn:aws:s3:::b/{sign}")
    assert not allows(statement, resource="arn:aws:s3:::b/x")


def test_a_variable_stands_in_a_condition_too() -> None:
    prefix = {"StringLike": {"s3:prefix": "home/${aws:username}/*"}}
    assert meets(prefix, s3_prefix="home/ann/x", aws_username="ann")
    assert not meets(prefix, s3_prefix="home/bob/x", aws_username="ann")


@pytest.mark.parametrize("version", ["2008-10-17"])
def test_the_old_version_has_no_variables(version: str) -> None:
    statement = {"Resource": "arn:aws:s3:::b/${aws:username}"}
    context = {"aws:username": "one"}
    assert allows(statement, version=version, context=context, resource="arn:aws:s3:::b/${aws:username}")
    assert not allows(statement, version=version, context=context, resource="arn:aws:s3:::b/one")


# reference_policies_elements_condition_operators: (operator, values of the policy, value of the request, holds)
OPERATORS: list[tuple[str, str | list[str], str, bool]] = [
    ("StringEquals", "ann", "ann", True),
    ("StringEquals", "ann", "Ann", False),
    ("StringEquals", ["bob", "ann"], "ann", True),
    ("StringEquals", "a*", "ann", False),
    ("StringEquals", "a*", "a*", True),
    ("StringNotEquals", "ann", "bob", True),
    ("StringNotEquals", ["bob", "ann"], "ann", False),
    ("StringEqualsIgnoreCase", "ann", "ANN", True),
    ("StringNotEqualsIgnoreCase", "ann", "ANN", False),
    ("StringLike", "a*", "ann", True),
    ("StringLike", "a?n", "ann", True),
    ("StringLike", "A*", "ann", False),
    ("StringNotLike", "a*", "ann", False),
    ("StringNotLike", ["b*", "c*"], "ann", True),
    ("Bool", "true", "true", True),
    ("Bool", "True", "true", True),
    ("Bool", "false", "true", False),
    ("NumericEquals", "10", "10.0", True),
    ("NumericNotEquals", "10", "10", False),
    ("NumericLessThan", "10", "9", True),
    ("NumericLessThan", "10", "10", False),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "10", "11", True),
    ("NumericGreaterThanEquals", "10", "9", False),
    ("ArnEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:r:1:t", True),
    ("ArnLike", "arn:aws:sns:*:1:*", "arn:aws:sns:r:1:t", True),
    ("ArnLike", "arn:aws:*:1:t", "arn:aws:sns:r:1:t", False),
    ("ArnLike", "arn:aws:lambda:r:1:function:*", "arn:aws:lambda:r:1:function:f", True),
    ("ArnLike", "arn:aws:sns:r:1:T", "arn:aws:sns:r:1:t", False),
    ("ArnNotLike", "arn:aws:sns:r:1:*", "arn:aws:sns:r:1:t", False),
    ("ArnNotEquals", "arn:aws:sns:r:2:*", "arn:aws:sns:r:1:t", True),
]


@pytest.mark.parametrize(("operator", "wanted", "value", "holds"), OPERATORS)
def test_a_condition_compares(operator: str, wanted: str | list[str], value: str, holds: bool) -> None:
    assert meets({operator: {"aws:key": wanted}}, aws_key=value) is holds


@pytest.mark.parametrize(("operator", "wanted", "value", "holds"), OPERATORS)
def test_if_exists_compares_a_key_that_is_there(
    operator: str, wanted: str | list[str], value: str, holds: bool
) -> None:
    assert meets({f"{operator}IfExists": {"aws:key": wanted}}, aws_key=value) is holds


@pytest.mark.parametrize("operator", sorted({operator for operator, *_ in OPERATORS}))
def test_without_the_key_only_a_negated_operator_holds(operator: str) -> None:
    assert meets({operator: {"aws:key": "1"}}) is ("Not" in operator)


@pytest.mark.parametrize("operator", sorted({operator for operator, *_ in OPERATORS}))
def test_without_the_key_if_exists_holds(operator: str) -> None:
    assert meets({f"{operator}IfExists": {"aws:key": "1"}})


# reference_policies_elements_condition_operators, "Condition operator to check existence of condition keys"
@pytest.mark.parametrize(("wanted", "context", "holds"), [
    ("true", {}, True), ("true", {"aws_key": "x"}, False), ("false", {}, False), ("false", {"aws_key": "x"}, True),
    ("true", {"aws_key": []}, True),
])  # fmt: skip
def test_null_tells_whether_a_key_is_there(wanted: str, context: dict[str, Any], holds: bool) -> None:
    assert meets({"Null": {"aws:key": wanted}}, **context) is holds


# reference_policies_condition-single-vs-multi-valued-context-keys
SETS: list[tuple[str, list[str], list[str], bool]] = [
    ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a", "b"], [], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"], True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c"], False),
    ("ForAnyValue:StringEquals", ["a", "b"], [], False),
    ("ForAllValues:StringLike", ["key*"], ["key1", "key2"], True),
    ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
    ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True),
    ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
    ("ForAnyValue:StringNotEquals", ["a"], [], False),
]


@pytest.mark.parametrize(("operator", "wanted", "values", "holds"), SETS)
def test_a_set_is_compared(operator: str, wanted: list[str], values: list[str], holds: bool) -> None:
    assert meets({operator: {"aws:TagKeys": wanted}}, aws_TagKeys=values) is holds


@pytest.mark.parametrize(("quantifier", "holds"), [("ForAllValues", True), ("ForAnyValue", False)])
def test_a_set_that_is_missing(quantifier: str, holds: bool) -> None:
    assert meets({f"{quantifier}:StringEquals": {"aws:TagKeys": "a"}}) is holds


# reference_policies_elements_condition
def test_several_keys_and_operators_must_all_hold() -> None:
    both = {"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}
    assert meets(both, aws_a="1", aws_b="2", aws_c="true")
    assert not meets(both, aws_a="1", aws_b="3", aws_c="true")
    assert not meets(both, aws_a="1", aws_b="2", aws_c="false")


def test_names_of_keys_are_compared_in_any_letters() -> None:
    assert meets({"StringEquals": {"AWS:SourceAccount": "1"}}, aws_sourceaccount="1")


UNREAD: dict[str, dict[str, Any]] = {
    "an operator not known": {"Condition": {"DateEquals": {"aws:CurrentTime": "2024"}}},
    "a quantifier not known": {"Condition": {"ForSomeValues:StringEquals": {"aws:key": "x"}}},
    "a principal": {"Principal": "*"},
    "an effect that is none": {"Effect": "allow"},
}


@pytest.mark.parametrize("statement", UNREAD.values(), ids=UNREAD)
def test_what_is_not_known_is_said_and_not_guessed(statement: dict[str, Any]) -> None:
    with pytest.raises(CannotTell):
        allows(statement, context={"aws:CurrentTime": "2024", "aws:key": "x"})


def test_a_key_of_several_values_needs_a_set_operator() -> None:
    with pytest.raises(CannotTell, match="several values"):
        meets({"StringEquals": {"aws:TagKeys": "a"}}, aws_TagKeys=["a", "b"])


def test_the_policies_of_a_stack_are_found_by_role() -> None:
    held = policies(stacks.source())
    assert decide(held["MigrationTrackerRole"], Request("cloudwatch:PutMetricData", "*")) == "implicitly denied"
    context = {"cloudwatch:namespace": "TradingPlatform/Migration"}
    assert decide(held["MigrationTrackerRole"], Request("cloudwatch:PutMetricData", "*", context)) == "allowed"
