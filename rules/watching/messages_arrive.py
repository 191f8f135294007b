"""Every alarm, event rule, bucket and subscription reaches what it sends to: policies and keys let it in.

A topic, queue or function takes messages of a service only as its policy says, and an encrypted one only if the policy
of its key does, too; keys of AWS let no other service in. What is refused is lost without a word.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings, for_each
from stackproof.monitoring.delivery import Message, messages, undelivered_because

APPLIES_TO = (
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::Rule",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each(messages(stack), partial(of_message, deployment))


def of_message(deployment: Deployment, message: Message) -> Iterator[Finding]:
    if why := undelivered_because(deployment, message):
        logical = message.path[1]
        yield message.stack.finding(message.path, f"{logical} does not reach {message.to}: {why}", "let it in")
