"""The retries of a stream's consumer outlive an outage of a day, or what it gives up comes back by itself.

While a table, a network or a zone is gone every record fails. A consumer that gives up after some tries has used them
up within minutes, and turns good records into failure objects. So it retries for a day at the least, or until the
stream loses the record if that is sooner; or it gives up into a queue that a function reads again.
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings, Stack, for_each, number, resource_of
from stackproof.topology.event_sources import Consumer, consumers

APPLIES_TO = ("AWS::Lambda::EventSourceMapping",)
STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
OUTAGE = 24
"""Hours of an outage that costs no record."""
KEPT = 24
"""Hours that a stream keeps a record if it does not say; that of a table never says. Source: AWS::Kinesis::Stream."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        lost = (consumer for consumer in consumers(stack, *STREAMS) if not comes_back(stack, consumer))
        yield from for_each(lost, partial(too_short, stack))


def too_short(stack: Stack, consumer: Consumer) -> Iterator[Finding]:
    mapping = consumer.properties
    retention = number(consumer.of(stack, consumer.source), "RetentionPeriodHours", KEPT)
    tries, age = number(mapping, "MaximumRetryAttempts", -1), number(mapping, "MaximumRecordAgeInSeconds", -1) / 3600
    path = ("Resources", consumer.mapping, "Properties")
    if tries >= 0:
        message = f"{consumer.mapping} gives a record up after {tries:g} retries, which an outage of minutes uses up"
        fix = "set MaximumRetryAttempts to -1, and MaximumRecordAgeInSeconds to a day or more"
        yield stack.finding((*path, "MaximumRetryAttempts"), message, fix)
    if 0 < age < min(OUTAGE, retention):
        message = (
            f"{consumer.mapping} gives a record up after {age:.3g} hours, and {consumer.source} keeps it {retention:g}"
        )
        yield stack.finding((*path, "MaximumRecordAgeInSeconds"), message, "set it to 86400 or more")


def comes_back(stack: Stack, consumer: Consumer) -> bool:
    """Tell whether what a consumer gives up goes to a queue that a function of the stack reads."""
    destination = consumer.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    queue = resource_of(stack, str(destination)) if destination else None
    return queue is not None and any(mapping.source == queue for mapping in consumers(stack, "AWS::SQS::Queue"))
