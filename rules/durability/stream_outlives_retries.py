"""A stream keeps its records longer than the worst retries of them take.

A batch that keeps failing holds its part of the shard up until the retries are over; what waits behind it must not
expire meanwhile. At worst every record fails: the batch is halved down to single records, and each part is tried as
often as the mapping says, every time until the function's timeout.
Source: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html (24 hours if none is stated)
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html (24 hours, fixed)
pack: resilience
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings, Stack, for_each, is_true, number
from stackproof.topology.event_sources import Consumer, consumers

APPLIES_TO = ("AWS::Lambda::EventSourceMapping",)
STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each(consumers(stack, *STREAMS), partial(of_consumer, stack))


def of_consumer(stack: Stack, consumer: Consumer) -> Iterator[Finding]:
    hours = number(consumer.of(stack, consumer.source), "RetentionPeriodHours", 24)
    worst = worst_hours(stack, consumer)
    if worst >= hours:
        duration = "without end" if math.isinf(worst) else f"for {worst:.0f} hours"
        message = f"{consumer.mapping} may retry a batch {duration}, and {consumer.source} keeps records"
        fix = "keep records longer, or retry less or shorter"
        yield stack.finding(("Resources", consumer.mapping), f"{message} for {hours:g} hours", fix)


def worst_hours(stack: Stack, consumer: Consumer) -> float:
    """Return the hours that one batch can take if every record of it fails, until the last one is given up."""
    mapping = consumer.properties
    retries, age = number(mapping, "MaximumRetryAttempts", -1), number(mapping, "MaximumRecordAgeInSeconds", -1)
    batch = number(mapping, "BatchSize", 100)
    parts = 2 * batch - 1 if is_true(mapping.get("BisectBatchOnFunctionError")) else 1
    if "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []):
        parts = max(parts, batch)
    tries = math.inf if retries < 0 else (retries + 1) * parts
    seconds = number(mapping, "MaximumBatchingWindowInSeconds", 0) + tries * consumer.timeout(stack)
    return min(seconds, age if age > 0 else math.inf) / 3600
