"""Every alarm, event rule, bucket, subscription and rotation reaches what it sends to: policies and keys let it in.

A topic, queue or function takes messages of a service only as its policy says, and an encrypted one only if the policy
of its key does, too; keys of AWS let no other service in. What is refused is lost without a word. Log groups, rules of
IoT, user pools and receipts of SES call functions by a permission, too.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings, for_each
from stackproof.monitoring.callers import calls
from stackproof.monitoring.delivery import Message, messages, undelivered_because

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each((*messages(stack), *calls(stack)), partial(of_message, deployment))


def of_message(deployment: Deployment, message: Message) -> Iterator[Finding]:
    if why := undelivered_because(deployment, message):
        logical = message.path[1]
        reason = f"{logical} does not reach {message.to}: {why}"
        yield message.stack.finding(message.path, reason, edit(why))


def edit(why: str) -> str:
    """Return the edit that lets a message arrive, by why it does not."""
    if policy := re.search(r"the policy of (\w+),?.* does not let (\S+) do (\S+)", why):
        owner, service, action = policy.groups()
        key = action.startswith("kms:")
        return f"allow {service} {'kms:Decrypt and kms:GenerateDataKey' if key else action} in the policy of {owner}"
    if permission := re.match(r"no permission lets (\S+) call", why):
        return f"add an AWS::Lambda::Permission with the Principal {permission[1]}"
    if "lets no other service in" in why:
        return (
            "encrypt it with a key of the template, whose policy allows the service kms:Decrypt and kms:GenerateDataKey"
        )
    return "enable the key" if why.endswith("is disabled") else "name what a stack creates, in the region of the sender"
