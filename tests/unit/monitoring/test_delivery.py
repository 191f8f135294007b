"""Whether messages get in where they are sent."""

from typing import Any

import pytest
from stacks import ACCOUNT, arn, ref, resource, stack

from stackproof.evaluation.deployment import Deployment
from stackproof.monitoring.delivery import messages, undelivered_because

ALARM = resource("CloudWatch::Alarm", AlarmName="a", AlarmActions=[ref("Topic")])
IN = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": ref("Topic"),
}


def topic(**properties: Any) -> dict[str, Any]:
    return resource("SNS::Topic", TopicName="t", **properties)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return resource("SNS::TopicPolicy", Topics=[ref("Topic")], PolicyDocument={"Statement": list(statements)})


def key(*statements: dict[str, Any]) -> dict[str, Any]:
    return resource("KMS::Key", KeyPolicy={"Statement": list(statements)})


def reasons(resources: dict[str, Any]) -> list[str]:
    source, target = stack(resources), stack({"Topic": topic()}, "eu-west-1")
    return [undelivered_because(Deployment("one", source, target), message) for message in messages(source)]


def test_an_alarm_reaches_a_topic_that_lets_it_in() -> None:
    own = IN | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    assert reasons({"Alarm": ALARM, "Topic": topic(), "Policy": policy(own)}) == [""]


def test_an_alarm_reaches_a_topic_that_has_the_policy_of_sns() -> None:
    assert reasons({"Alarm": ALARM, "Topic": topic()}) == [""]


def test_an_event_rule_does_not_reach_a_topic_that_has_the_policy_of_sns() -> None:
    rule = resource("Events::Rule", Targets=[{"Id": "topic", "Arn": ref("Topic")}])
    (reason,) = reasons({"Rule": rule, "Topic": topic()})
    assert "does not let events" in reason


def test_what_goes_to_an_event_bus_is_not_judged_by_a_policy_of_a_topic() -> None:
    bus = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"
    assert reasons({"Rule": resource("Events::Rule", Targets=[{"Id": "bus", "Arn": bus}])}) == []


SHUT: dict[str, tuple[dict[str, Any], str]] = {
    "a policy for others alone": (
        {"Policy": policy(IN | {"Principal": {"Service": "events.amazonaws.com"}})},
        "does not let cloudwatch",
    ),
    "another account": (
        {"Policy": policy(IN | {"Condition": {"StringEquals": {"aws:SourceAccount": "2"}}})},
        "does not let cloudwatch",
    ),
    "denied": ({"Policy": policy(IN, IN | {"Effect": "Deny", "Principal": "*"})}, "does not let cloudwatch"),
    "a key of AWS": ({"Topic": topic(KmsMasterKeyId="alias/aws/sns"), "Policy": policy(IN)}, "no other service"),
    "a key that keeps it out": (
        {"Topic": topic(KmsMasterKeyId=ref("Key")), "Key": key(), "Policy": policy(IN)},
        "does not let cloudwatch.amazonaws.com do kms:Decrypt",
    ),
    "a topic of nobody": (
        {"Alarm": resource("CloudWatch::Alarm", AlarmActions=[f"arn:aws:sns:us-east-1:{ACCOUNT}:x"])},
        "no stack",
    ),
    "a topic of the other region": (
        {"Alarm": resource("CloudWatch::Alarm", AlarmActions=[f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"])},
        "of its own region",
    ),
}


@pytest.mark.parametrize(("resources", "why"), SHUT.values(), ids=SHUT)
def test_an_alarm_does_not_get_in(resources: dict[str, Any], why: str) -> None:
    (reason,) = reasons({"Alarm": ALARM, "Topic": topic(), **resources})
    assert why in reason


def test_a_key_by_its_alias_lets_in_whom_its_policy_names() -> None:
    opened = {
        "Effect": "Allow",
        "Principal": IN["Principal"],
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    alias = resource("KMS::Alias", AliasName="alias/mine", TargetKeyId=ref("Key"))
    named = topic(KmsMasterKeyId="alias/mine")
    assert reasons({"Alarm": ALARM, "Topic": named, "Key": key(opened), "Alias": alias, "Policy": policy(IN)}) == [""]


def test_the_key_of_somebody_else_is_not_judged() -> None:
    assert reasons({"Alarm": ALARM, "Topic": topic(KmsMasterKeyId="alias/theirs"), "Policy": policy(IN)}) == [""]


def test_a_topic_without_a_policy_takes_alarms_of_its_account_and_no_events() -> None:
    rule = resource("Events::Rule", Targets=[{"Id": "t", "Arn": ref("Topic")}])
    to_alarm, to_rule = reasons({"Alarm": ALARM, "Rule": rule, "Topic": topic()})
    assert to_alarm == ""
    assert "does not let events.amazonaws.com" in to_rule


@pytest.mark.parametrize("action", ["arn:aws:automate:us-east-1:ec2:stop", "arn:aws:ssm:us-east-1:1:opsitem:1"])
def test_an_action_of_another_service_is_not_judged(action: str) -> None:
    assert reasons({"Alarm": resource("CloudWatch::Alarm", AlarmActions=[action])}) == [""]


def test_a_topic_of_another_account_is_not_judged() -> None:
    assert reasons({"Alarm": resource("CloudWatch::Alarm", AlarmActions=["arn:aws:sns:us-east-1:1:x"])}) == [""]


def test_an_alarm_calls_a_function_by_a_principal_of_its_own() -> None:
    function, alarm = (
        resource("Lambda::Function", FunctionName="f"),
        resource("CloudWatch::Alarm", AlarmActions=[arn("F")]),
    )
    properties = {"Action": "lambda:InvokeFunction", "FunctionName": ref("F")}
    permitted = resource("Lambda::Permission", Principal="lambda.alarms.cloudwatch.amazonaws.com", **properties)
    other = resource("Lambda::Permission", Principal="cloudwatch.amazonaws.com", **properties)
    assert reasons({"A": alarm, "F": function, "P": permitted}) == [""]
    assert "no permission lets lambda.alarms" in reasons({"A": alarm, "F": function, "P": other})[0]


def test_a_rule_needs_a_permission_of_the_function_for_itself() -> None:
    rule = resource("Events::Rule", Name="r", Targets=[{"Id": "f", "Arn": arn("F")}])
    function = resource("Lambda::Function", FunctionName="f")
    properties = {"Action": "lambda:InvokeFunction", "FunctionName": ref("F"), "Principal": "events.amazonaws.com"}
    permitted = resource("Lambda::Permission", SourceArn=arn("Rule"), **properties)
    other = resource("Lambda::Permission", SourceArn="arn:aws:events:us-east-1:1:rule/x", **properties)
    assert reasons({"Rule": rule, "F": function, "P": permitted}) == [""]
    assert "no permission lets" in reasons({"Rule": rule, "F": function, "P": other})[0]


def test_a_target_of_a_kind_without_a_row_is_not_judged() -> None:
    rule = resource("Events::Rule", Targets=[{"Id": "s", "Arn": arn("S")}])
    assert reasons({"Rule": rule, "S": resource("Kinesis::Stream", Name="s")}) == [""]
