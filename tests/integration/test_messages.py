"""Topics and queues: encrypted, confined, and heard across regions."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from deployed import Stack, Stacks, marked, pages


def topic(stack: Stack) -> Mapping[str, str]:
    found: Mapping[str, str] = stack.client("sns").get_topic_attributes(TopicArn=stack["MigrationTopicArn"])[
        "Attributes"
    ]
    return found


def queue(stack: Stack) -> Mapping[str, str]:
    found: Mapping[str, str] = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack["MigrationEventQueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    return found


def statements(text: str) -> list[Any]:
    found: list[Any] = json.loads(text)["Statement"]
    return found


def test_the_queue_has_a_key_of_its_own(stack: Stack) -> None:
    key = queue(stack).get("KmsMasterKeyId", "")
    assert (bool(key), key.startswith("alias/aws/")) == (True, False)


@pytest.mark.helped
def test_the_topic_shares_the_queue_s_key(stack: Stack) -> None:
    assert topic(stack).get("KmsMasterKeyId") == queue(stack)["KmsMasterKeyId"]


def test_the_key_of_the_messages_is_rotated(stack: Stack) -> None:
    key = queue(stack)["KmsMasterKeyId"]
    assert stack.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_the_key_of_the_messages_lets_the_publishers_use_it(stack: Stack) -> None:
    policy = stack.client("kms").get_key_policy(KeyId=queue(stack)["KmsMasterKeyId"], PolicyName="default")["Policy"]
    services = {name for statement in statements(policy) for name in statement["Principal"].get("Service", [])}
    assert services == {f"{name}.amazonaws.com" for name in ("cloudwatch", "events", "sns")}


def test_the_topic_takes_alarms_and_events_only(stack: Stack) -> None:
    allowed = [
        statement["Principal"] for statement in statements(topic(stack)["Policy"]) if statement["Effect"] == "Allow"
    ]
    names = sorted(name["Service"] for name in allowed)
    assert names == ["cloudwatch.amazonaws.com", "events.amazonaws.com"]


def test_the_topic_refuses_what_comes_without_tls(stack: Stack) -> None:
    denied = [
        statement["Condition"] for statement in statements(topic(stack)["Policy"]) if statement["Effect"] == "Deny"
    ]
    assert denied == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_the_queue_takes_messages_of_the_two_topics_only(stack: Stack, stacks: Stacks) -> None:
    (only,) = statements(queue(stack)["Policy"])
    arns = only["Condition"]["ArnEquals"]["aws:SourceArn"]
    expected = {stack["MigrationTopicArn"], stacks.target["MigrationTopicArn"]}
    assert set([arns] if isinstance(arns, str) else arns) == expected


def endpoints(stack: Stack) -> set[str]:
    asked = {"TopicArn": stack["MigrationTopicArn"]}
    return {
        page["Endpoint"] for page in pages(stack.client("sns"), "list_subscriptions_by_topic", "Subscriptions", **asked)
    }


def test_the_own_queue_hears_the_topic(stack: Stack) -> None:
    assert queue(stack)["QueueArn"] in endpoints(stack)


@pytest.mark.helped
def test_the_source_s_queue_hears_the_target_s_topic(source: Stack, target: Stack) -> None:
    assert queue(source)["QueueArn"] in endpoints(target)


@pytest.mark.helped
@pytest.mark.writes
@pytest.mark.parametrize("expected", ["source", "target"])
def test_an_alarm_reaches_the_queue_of_the_source(stacks: Stacks, expected: str) -> None:
    """It is the alarm of the iterator's age: one that no health check follows."""
    stack: Stack = getattr(stacks, expected)
    alarm = next(item for item in stack.alarms if item.get("MetricName") == "GetRecords.IteratorAgeMilliseconds")
    mark = marked()
    cloudwatch = stack.client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason=mark)
    try:
        message = stacks.eventually(lambda: received(stacks.source, mark), f"{mark} in the source's queue", 120)
        assert json.loads(json.loads(message)["Message"])["AlarmName"] == alarm["AlarmName"]
    finally:
        cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK", StateReason=mark)


def received(stack: Stack, mark: str) -> str | None:
    """Take the message that holds a mark from the queue; put the others back."""
    sqs, url = stack.client("sqs"), stack["MigrationEventQueueUrl"]
    taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=20, WaitTimeSeconds=1)
    body = None
    for message in taken.get("Messages", []):
        handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
        if mark in message["Body"]:
            body = str(message["Body"])
            sqs.delete_message(**handle)
        else:
            sqs.change_message_visibility(**handle, VisibilityTimeout=0)
    return body


@pytest.mark.parametrize("name", ["migration-workflow", "backup-failures"])
def test_events_are_led_to_the_topic(stack: Stack, name: str) -> None:
    asked = {"TargetArn": stack["MigrationTopicArn"]}
    rules = pages(stack.client("events"), "list_rule_names_by_target", "RuleNames", **asked)
    assert f"{name}-{stack.suffix}-{stack.region}" in rules


def test_steps_are_led_to_the_tracker(stack: Stack) -> None:
    asked = {"TargetArn": stack["MigrationTrackerFunctionArn"]}
    (name,) = pages(stack.client("events"), "list_rule_names_by_target", "RuleNames", **asked)
    rule = stack.client("events").describe_rule(Name=name)
    pattern = {"source": ["trading-platform.migration"], "detail-type": [{"anything-but": ["StartMigration"]}]}
    assert (rule["State"], json.loads(rule["EventPattern"])) == ("ENABLED", pattern)


def letters(stack: Stack) -> str:
    return (
        f"arn:{stack.partition}:sqs:{stack.region}:{stack.account}:trading-dead-letters-{stack.suffix}-{stack.region}"
    )


def rules(stack: Stack) -> list[str]:
    """Return the rules of this stack: their names end alike."""
    listed = pages(stack.client("events"), "list_rules", "Rules")
    return [item["Name"] for item in listed if item["Name"].endswith(f"-{stack.suffix}-{stack.region}")]


def test_what_an_event_rule_cannot_deliver_is_kept(stack: Stack) -> None:
    events = stack.client("events")
    kept = {name: events.list_targets_by_rule(Rule=name)["Targets"] for name in rules(stack)}
    assert len(kept) >= 3
    queues = {
        name: [target.get("DeadLetterConfig", {}).get("Arn") for target in targets] for name, targets in kept.items()
    }
    assert queues == {name: [letters(stack)] * len(targets) for name, targets in kept.items()}
    assert [name for name, targets in kept.items() if not targets] == []


@pytest.mark.helped
def test_what_the_tracker_cannot_take_is_kept(stack: Stack) -> None:
    assert stack.function("MigrationTrackerFunctionArn").get("DeadLetterConfig", {}).get("TargetArn") == letters(stack)


def test_the_source_s_events_of_the_migration_are_forwarded_to_the_target(source: Stack, target: Stack) -> None:
    events = source.client("events")
    arns = [item["Arn"] for name in rules(source) for item in events.list_targets_by_rule(Rule=name)["Targets"]]
    assert f"arn:{target.partition}:events:{target.region}:{target.account}:event-bus/default" in arns
