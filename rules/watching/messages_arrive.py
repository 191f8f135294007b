"""Every alarm, event rule and subscription reaches what it sends to: policies and keys let it in.

A topic, queue or function takes messages of a service only as its policy says, and an encrypted one only if the policy
of its key does, too; keys of AWS let no other service in. What is refused is lost without a word.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.monitoring.delivery import messages, undelivered_because

APPLIES_TO = ("AWS::CloudWatch::Alarm", "AWS::Events::Rule", "AWS::SNS::Subscription")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for message in messages(stack):
            if why := undelivered_because(deployment, message):
                logical = message.path[1]
                yield stack.finding(message.path, f"{logical} does not reach {message.to}: {why}", "let it in")
