"""Timeouts, windows and retries fit each other: of a queue or stream, of its function, of what takes the failures.

A queue shows a message again while its function still works on it, unless it hides it for six times the function's
timeout; a record that is given up by age must have been tried as often as the mapping says; a dead letter queue that
forgets sooner than its source deletes what it was to keep.
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings, Stack, for_each, number, properties_path, resources_by_name
from stackproof.topology.event_sources import Consumer, consumers

APPLIES_TO = ("AWS::Lambda::EventSourceMapping", "AWS::SQS::Queue")
STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
VISIBILITY, RETENTION = 30, 345_600
"""Seconds that a queue hides and keeps a message where it does not say. Source: AWS::SQS::Queue."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each(consumers(stack, "AWS::SQS::Queue"), partial(queue, stack))
        yield from for_each(consumers(stack, *STREAMS), partial(stream, stack))
        yield from dead_letters(stack)


def queue(stack: Stack, consumer: Consumer) -> Iterator[Finding]:
    window = number(consumer.properties, "MaximumBatchingWindowInSeconds", 0)
    hidden = number(consumer.of(stack, consumer.source), "VisibilityTimeout", VISIBILITY)
    needed = 6 * consumer.timeout(stack) + window
    if hidden < needed:
        message = f"{consumer.source} hides a message for {hidden:g} s, and {consumer.function} may need {needed:g} s"
        path = ("Resources", consumer.source, "Properties", "VisibilityTimeout")
        yield stack.finding(path, message, f"set VisibilityTimeout to {needed:g} or more")
    if number(consumer.properties, "BatchSize", 10) > 10 and window < 1:
        message = f"{consumer.mapping} asks for batches of more than 10 messages without a window to gather them"
        yield stack.finding(("Resources", consumer.mapping), message, "set MaximumBatchingWindowInSeconds")


def stream(stack: Stack, consumer: Consumer) -> Iterator[Finding]:
    mapping = consumer.properties
    age, retries = number(mapping, "MaximumRecordAgeInSeconds", -1), number(mapping, "MaximumRetryAttempts", -1)
    window = number(mapping, "MaximumBatchingWindowInSeconds", 0)
    needed = window + (max(retries, 0) + 1) * consumer.timeout(stack)
    if 0 < age < needed:
        message = f"{consumer.mapping} gives records up after {age:g} s, and its tries may take {needed:g} s"
        path = ("Resources", consumer.mapping, "Properties", "MaximumRecordAgeInSeconds")
        yield stack.finding(path, message, "let records grow older, or try less")


def dead_letters(stack: Stack) -> Iterator[Finding]:
    queues = resources_by_name(stack, "AWS::SQS::Queue")
    for logical, properties in stack.of_type("AWS::SQS::Queue"):
        policy = properties.get("RedrivePolicy", {})
        letters = queues.get(str(policy.get("deadLetterTargetArn"))) if isinstance(policy, dict) else None
        if letters:
            limit = number(stack.resources[letters].get("Properties", {}), "MessageRetentionPeriod", RETENTION)
            source = number(properties, "MessageRetentionPeriod", RETENTION)
            if limit <= source:
                message = (
                    f"{letters} keeps messages for {limit:,.0f} s since they were sent, {logical} for {source:,.0f} s"
                )
                path = properties_path(letters)
                yield stack.finding(path, message, "make MessageRetentionPeriod of the dead letter queue longer")
