"""Every dead-letter queue lets its senders in, and where one event rule has such a queue every target has.

EventBridge tries for a day and then drops the event; SNS drops what a queue refuses. A dead-letter queue whose
policy, or whose key's policy, keeps the sender out loses the same events, and looks as if there were none.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings, Stack, for_each, properties_path
from stackproof.monitoring.delivery import Message, undelivered_because

APPLIES_TO = ("AWS::Events::Rule",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from without(stack)
        yield from for_each(dead_letters(stack), partial(of_letter, deployment))


def without(stack: Stack) -> Iterator[Finding]:
    if not any(letter.service == "events.amazonaws.com" for letter in dead_letters(stack)):
        return
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        for index, target in enumerate(properties.get("Targets", [])):
            if not target.get("DeadLetterConfig", {}).get("Arn"):
                message = f"{logical} drops what its target {target.get('Id')} does not take"
                path = properties_path(logical, "Targets", index)
                yield stack.finding(path, message, "set DeadLetterConfig of the target to a queue")


def dead_letters(stack: Stack) -> Iterator[Message]:
    """Give the ways that letters go from event rules and subscriptions of a stack to dead-letter queues."""
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        for index, target in enumerate(properties.get("Targets", [])):
            if to := target.get("DeadLetterConfig", {}).get("Arn"):
                at = properties_path(logical, "Targets", index, "DeadLetterConfig")
                yield Message(stack, at, "events.amazonaws.com", source, str(to))
    for logical, properties in stack.of_type("AWS::SNS::Subscription"):
        policy = properties.get("RedrivePolicy", {})
        if to := policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None:
            at = properties_path(logical, "RedrivePolicy")
            yield Message(stack, at, "sns.amazonaws.com", str(properties.get("TopicArn")), str(to))


def of_letter(deployment: Deployment, letter: Message) -> Iterator[Finding]:
    if why := undelivered_because(deployment, letter):
        fix = "let the service send to the queue, with aws:SourceArn of what sends"
        message = f"the dead letters of {letter.path[1]} do not reach {letter.to}: {why}"
        yield letter.stack.finding(letter.path, message, fix)
