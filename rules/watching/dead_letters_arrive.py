"""Every dead-letter queue is named by its ARN and lets its senders in; where one event rule has one every target has.

EventBridge tries for a day and then drops the event; SNS drops what a queue refuses. A dead-letter queue whose
policy, or whose key's policy, keeps the sender out loses the same events, and looks as if there were none. A queue may
say which queues may use it for their dead letters, and then keeps all others out.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Findings,
    Path,
    Stack,
    as_list,
    as_mapping,
    for_each,
    properties_path,
    resource_of,
)
from stackproof.monitoring.delivery import Message, subscriptions, undelivered_because
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::Events::Rule", "AWS::SNS::Subscription", "AWS::SQS::Queue", "AWS::Lambda::Function")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from without(stack)
        yield from badly_named(stack)
        yield from not_admitted(stack)
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
            to = target.get("DeadLetterConfig", {}).get("Arn")
            if to and str(to).startswith("arn:"):
                at = properties_path(logical, "Targets", index, "DeadLetterConfig")
                yield Message(stack, at, "events.amazonaws.com", source, str(to))
    for subscription in subscriptions(stack):
        to = str(as_mapping(subscription.properties.get("RedrivePolicy")).get("deadLetterTargetArn", ""))
        if to.startswith("arn:"):
            yield Message(stack, (*subscription.path, "RedrivePolicy"), "sns.amazonaws.com", subscription.topic, to)


def destinations(stack: Stack) -> Iterator[tuple[Path, str]]:
    """Give where failed messages go, by what takes ARNs alone: the path, and the text that stands there."""
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        yield properties_path(logical, "DeadLetterConfig"), properties.get("DeadLetterConfig", {}).get("TargetArn", "")
    for logical, properties in stack.of_type("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping"):
        for end, destination in as_mapping(properties.get("DestinationConfig")).items():
            yield properties_path(logical, "DestinationConfig", end), as_mapping(destination).get("Destination", "")
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        for index, target in enumerate(properties.get("Targets", [])):
            at = properties_path(logical, "Targets", index, "DeadLetterConfig")
            yield at, as_mapping(target.get("DeadLetterConfig")).get("Arn", "")


def redrives(stack: Stack) -> Iterator[tuple[Path, Mapping[str, Any], tuple[str, ...]]]:
    """Give the redrive policies that can be read: where, what they say, and what they have to say."""
    for subscription in subscriptions(stack):
        policy = as_mapping(subscription.properties.get("RedrivePolicy"))
        if policy:
            yield (*subscription.path, "RedrivePolicy"), policy, ("deadLetterTargetArn",)
    for logical, properties in stack.of_type("AWS::SQS::Queue"):
        policy = as_mapping(properties.get("RedrivePolicy"))
        if policy:
            yield properties_path(logical, "RedrivePolicy"), policy, ("deadLetterTargetArn", "maxReceiveCount")


def badly_named(stack: Stack) -> Iterator[Finding]:
    """Find dead-letter queues that are not named by their ARNs, or by no word that AWS reads."""
    found = [*destinations(stack)]
    for path, policy, words in redrives(stack):
        for word in words:
            if word not in policy:
                message = f"the redrive policy of {path[1]} has no {word}, but {', '.join(map(str, policy))}"
                yield stack.finding(path, message, f"write {word}")
        found.append((path, policy.get("deadLetterTargetArn", "")))
    for path, to in found:
        if to and not str(to).startswith(("arn:", "{{")) and not of_functions(str(to)):
            message = f"{path[1]} names {to} for what fails, which is no ARN"
            yield stack.finding(path, message, "name it by its ARN, which Fn::GetAtt gives")


def not_admitted(stack: Stack) -> Iterator[Finding]:
    """Find queues whose dead letters the queue that they name does not take."""
    for logical, properties in stack.of_type("AWS::SQS::Queue"):
        to = as_mapping(properties.get("RedrivePolicy")).get("deadLetterTargetArn")
        queue = resource_of(stack, to, "AWS::SQS::Queue")
        allowed = as_mapping(stack.resources[queue].get("Properties", {}).get("RedriveAllowPolicy")) if queue else {}
        permission, own = allowed.get("redrivePermission"), stack.evaluator.references.attribute(logical, "Arn")
        named = [str(arn) for arn in as_list(allowed.get("sourceQueueArns", []))]
        shut = permission == "denyAll" or (
            permission == "byQueue" and str(own) not in named and not any(of_functions(arn) for arn in named)
        )
        if shut:
            message = f"{queue} does not take the dead letters of {logical}: it says {permission}"
            path = properties_path(str(queue), "RedriveAllowPolicy")
            yield stack.finding(path, message, "name the ARN of the queue in sourceQueueArns")


def of_letter(deployment: Deployment, letter: Message) -> Iterator[Finding]:
    if why := undelivered_because(deployment, letter):
        fix = "let the service send to the queue, with aws:SourceArn of what sends"
        message = f"the dead letters of {letter.path[1]} do not reach {letter.to}: {why}"
        yield letter.stack.finding(letter.path, message, fix)
