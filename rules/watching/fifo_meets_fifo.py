"""First-in-first-out topics and queues meet only what AWS lets them meet, and get a message group from who sends.

What goes to a FIFO topic needs a message group, which alarms, buckets and plain targets of event rules do not send; nor
can buckets send to a FIFO queue, and EventBridge only with a message group. A FIFO queue cannot be subscribed to a
standard topic, a FIFO topic has no receivers but queues, and the dead letters of a FIFO queue go to a FIFO queue, those
of every other sender to a standard one. Most of it is refused when the stack is created, some only loses messages.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, is_true, properties_path, resource_of
from stackproof.monitoring.delivery import messages, subscriptions

APPLIES_TO = ("AWS::SNS::Topic", "AWS::SQS::Queue")
TOPIC, QUEUE = "AWS::SNS::Topic", "AWS::SQS::Queue"
SENDERS = {
    "cloudwatch.amazonaws.com": "an alarm",
    "events.amazonaws.com": "an event rule",
    "s3.amazonaws.com": "a bucket",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        yield from of_names(stack)
        for message in messages(stack):
            to = receiver(deployment, message.to)
            who = SENDERS.get(message.service)
            if (
                to
                and who
                and is_fifo(*to)
                and (to[1] == TOPIC or who == "a bucket")
                and not grouped(stack, message.path)
            ):
                what = to[1].rpartition("::")[2].lower()
                fault = f"{message.path[1]} sends to {message.to}, a FIFO {what}, and {who} cannot"
                yield stack.finding(message.path, fault, "send to a standard one, and pass the messages on from there")
            if to and who == "an event rule" and is_fifo(*to) and to[1] == QUEUE:
                target = stack.resources[str(message.path[1])].get("Properties", {})["Targets"][int(message.path[4])]
                if not target.get("SqsParameters", {}).get("MessageGroupId"):
                    fault = f"{message.path[1]} sends to {message.to}, a FIFO queue, without a message group"
                    yield stack.finding(message.path, fault, "set SqsParameters.MessageGroupId of the target")
        yield from of_subscriptions(deployment, stack)
        yield from of_letters(deployment, stack)


def grouped(stack: Stack, path: Path) -> bool:
    """Tell whether the target of a rule names a message group for a topic."""
    target: Any = stack.resources[str(path[1])].get("Properties", {})
    for key in path[3:]:
        target = target.get(key, {}) if isinstance(target, Mapping) else as_list(target)[int(key)]
    return isinstance(target, Mapping) and "SnsParameters" in target


def receiver(deployment: Deployment, arn: str) -> tuple[Stack, str, str] | None:
    """Return the topic or queue of the stacks that an ARN is of: its stack, type and logical id."""
    for stack in deployment.stacks:
        logical = resource_of(stack, arn, TOPIC, QUEUE)
        if logical:
            return stack, str(stack.resources[logical]["Type"]), logical
    return None


def is_fifo(stack: Stack, kind: str, logical: str) -> bool:
    return is_true(stack.resources[logical].get("Properties", {}).get(f"Fifo{kind.rpartition('::')[2]}"))


def of_names(stack: Stack) -> Iterator[Finding]:
    """Find names that do not say what AWS reads from them."""
    for kind, key in ((TOPIC, "TopicName"), (QUEUE, "QueueName")):
        for logical, properties in stack.of_type(kind):
            name = properties.get(key)
            if isinstance(name, str) and name.endswith(".fifo") is not is_fifo(stack, kind, logical):
                fifo = "is FIFO" if is_fifo(stack, kind, logical) else "is not FIFO"
                message = f"{logical} {fifo} and named {name}: a FIFO name ends in .fifo, and no other does"
                yield stack.finding(properties_path(logical, key), message, f"let the name and Fifo{kind[10:]} agree")


def of_subscriptions(deployment: Deployment, stack: Stack) -> Iterator[Finding]:
    for subscription in subscriptions(stack):
        topic = receiver(deployment, subscription.topic)
        queue = receiver(deployment, str(subscription.properties.get("Endpoint")))
        protocol = subscription.properties.get("Protocol")
        if topic and is_fifo(*topic) and protocol not in ("sqs", None):
            message = f"{subscription.logical} subscribes {protocol} to a FIFO topic, which delivers to queues alone"
            yield stack.finding((*subscription.path, "Protocol"), message, "subscribe a queue, and read that")
        if topic and queue and protocol == "sqs" and is_fifo(*queue) and not is_fifo(*topic):
            message = f"{subscription.logical} subscribes the FIFO queue {queue[2]} to {topic[2]}, a standard topic"
            yield stack.finding(
                (*subscription.path, "Endpoint"), message, "make the topic FIFO, or the queue a standard one"
            )


def of_letters(deployment: Deployment, stack: Stack) -> Iterator[Finding]:
    """Find dead-letter queues of another kind than their senders need."""
    for path, to, fifo, who in letters(stack):
        queue = receiver(deployment, to)
        if queue and queue[1] == QUEUE and is_fifo(*queue) is not fifo:
            want, have = ("a FIFO", "a standard") if fifo else ("a standard", "a FIFO")
            message = f"the dead letters of {path[1]} go to {queue[2]}, {have} queue, and {who} needs {want} one"
            yield stack.finding(path, message, f"name {want} queue")


def letters(stack: Stack) -> Iterator[tuple[Path, str, bool, str]]:
    """Give the dead-letter queues that are named: where, the ARN, whether it must be FIFO, and by what."""
    for logical, properties in stack.of_type(QUEUE):
        policy = as_mapping(properties.get("RedrivePolicy"))
        to, fifo = str(policy.get("deadLetterTargetArn")), is_fifo(stack, QUEUE, logical)
        yield properties_path(logical, "RedrivePolicy"), to, fifo, "a FIFO queue" if fifo else "a standard queue"
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        for index, target in enumerate(properties.get("Targets", [])):
            to = str(target.get("DeadLetterConfig", {}).get("Arn"))
            yield properties_path(logical, "Targets", index, "DeadLetterConfig"), to, False, "EventBridge"
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        to = str(properties.get("DeadLetterConfig", {}).get("TargetArn"))
        yield properties_path(logical, "DeadLetterConfig"), to, False, "Lambda"
    for logical, properties in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        for end, destination in as_mapping(properties.get("DestinationConfig")).items():
            path = properties_path(logical, "DestinationConfig", end)
            yield path, str(as_mapping(destination).get("Destination")), False, "Lambda"
