"""Where a person's address is given, every topic that alarms and event rules publish to reaches that person.

A queue keeps messages, and nobody looks into it at night. An address that is given and subscribed to one topic of
several, or in one region of two, leaves its owner sure of being told, and wrong.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
pack: house
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.monitoring.delivery import messages

APPLIES_TO = ("AWS::SNS::Topic",)
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PROTOCOLS = ("email", "email-json")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        addresses = {text for text in stack.scenario.parameters.values() if ADDRESS.fullmatch(str(text))}
        for address in sorted(addresses):
            heard = set(subscribed(deployment, address))
            for arn, topic in published_to(stack).items():
                if arn not in heard:
                    message = f"{topic} does not reach {address}, which the stack is given"
                    fix = "subscribe the address to the topic by a subscription with Protocol email"
                    yield stack.finding(properties_path(topic), message, fix)


def published_to(stack: Stack) -> dict[str, str]:
    """Return the topics of a stack that alarms and event rules publish to, by ARN."""
    topics = resources_by_name(stack, "AWS::SNS::Topic")
    return {message.to: topics[message.to] for message in messages(stack) if message.to in topics}


def subscribed(deployment: Deployment, address: str) -> Iterator[str]:
    """Give the topics that an address is subscribed to, in either stack."""
    for stack in deployment.stacks:
        for _, properties in stack.of_type("AWS::SNS::Subscription"):
            if properties.get("Protocol") in PROTOCOLS and properties.get("Endpoint") == address:
                yield str(properties.get("TopicArn"))
        for logical, properties in stack.of_type("AWS::SNS::Topic"):
            for subscription in properties.get("Subscription", []):
                if subscription.get("Protocol") in PROTOCOLS and subscription.get("Endpoint") == address:
                    yield str(stack.evaluator.references.ref(logical))
