"""A queue is subscribed once to every topic that its policy lets in, and each topic is asked for in its own region.

A topic that is let in and not subscribed to is not heard, least of all where it is in the other region: nothing fails.
The subscription of a topic in another region has to name that region; a second subscription of one queue to one topic
is the first one under another id, and goes away with either.
Source: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from stackproof.api import (
    Deployment,
    Finding,
    Stack,
    as_list,
    as_mapping,
    properties_path,
    resource_of,
    resources_by_name,
)
from stackproof.aws.arn import covers
from stackproof.iam.statements import Statement, statements
from stackproof.monitoring import delivery

APPLIES_TO = ("AWS::SNS::Subscription",)


class Subscription(NamedTuple):
    """A subscription of a queue: its logical id, the topic's ARN, and the queue's logical id."""

    logical: str
    topic: str
    queue: str


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        yield from asked_elsewhere(stack)
        found, letters = list(subscriptions(stack)), list(dead_letters(stack))
        for index, letter in enumerate(found):
            if any((letter.topic, letter.queue) == (other.topic, other.queue) for other in found[:index]):
                message = f"{letter.logical} subscribes {letter.queue} to {letter.topic} a second time"
                yield stack.finding(("Resources", letter.logical), message, "remove it, or choose another topic")
        for queue in dict.fromkeys(resources_by_name(stack, "AWS::SQS::Queue").values()):
            for policy, topics in letting_in(stack, queue):
                for topic in topics:
                    heard = any(heard_by.queue == queue and covers(topic, heard_by.topic) for heard_by in found)
                    if not heard and not any(to == queue and covers(topic, other) for other, to in letters):
                        message = f"{policy} lets {topic} into {queue}, which is not subscribed to it"
                        yield stack.finding(("Resources", policy), message, "subscribe the queue, or close it")


def asked_elsewhere(stack: Stack) -> Iterator[Finding]:
    """Find subscriptions, whatever takes them, that ask for a topic in another region than it is in."""
    for logical, properties in stack.of_type("AWS::SNS::Subscription"):
        topic = re.match(r"arn:[\w-]+:sns:([a-z0-9-]+):", str(properties.get("TopicArn")))
        asked = str(properties.get("Region", stack.scenario.region))
        if topic and topic[1] != asked and "{{" not in asked:
            message = f"{logical} asks in {asked} for a topic of {topic[1]}"
            yield stack.finding(properties_path(logical, "TopicArn"), message, "set Region to the topic's region")


def subscriptions(stack: Stack) -> Iterator[Subscription]:
    queues = resources_by_name(stack, "AWS::SQS::Queue")
    for logical, properties in stack.of_type("AWS::SNS::Subscription"):
        topic, queue = str(properties.get("TopicArn")), queues.get(str(properties.get("Endpoint")))
        if properties.get("Protocol") == "sqs" and queue and topic.startswith("arn:"):
            yield Subscription(logical, topic, queue)


def dead_letters(stack: Stack) -> Iterator[tuple[str, str]]:
    """Give the topics of which a queue takes what their subscriptions could not deliver, each with the queue."""
    for subscription in delivery.subscriptions(stack):
        to = as_mapping(subscription.properties.get("RedrivePolicy")).get("deadLetterTargetArn")
        queue = resource_of(stack, to, "AWS::SQS::Queue")
        if queue:
            yield subscription.topic, queue


def letting_in(stack: Stack, queue: str) -> Iterator[tuple[str, list[str]]]:
    """Give the policies that let SNS send to a queue, each with the topics that it names; none means any."""
    queues = resources_by_name(stack, "AWS::SQS::Queue")
    for statement in statements(stack):
        kind = stack.resources[statement.owner]["Type"]
        if kind == "AWS::SQS::QueuePolicy" and statement.effect == "Allow" and sends(statement):
            owned = stack.resources[statement.owner].get("Properties", {}).get("Queues", [])
            if queue in [queues.get(str(name)) for name in owned]:
                yield statement.owner, sources(statement)


def sends(statement: Statement) -> bool:
    services = [name for name in statement.services() if name.split(".")[0] == "sns"]
    return bool(services) and any(covers(action, "sqs:SendMessage", fold=True) for action in statement.actions)


def sources(statement: Statement) -> list[str]:
    tests = [(key, value) for found in statement.conditions.values() for key, value in found.items()]
    return [str(arn) for key, value in tests if key.lower() == "aws:sourcearn" for arn in as_list(value)]
