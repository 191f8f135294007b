"""Every target of an event rule or a pipe, and every notification of a bucket, can be called as it is stated.

Targets of a rule have ids of their own, a template may use only the names that its paths define, a log group has to let
EventBridge in, and two notifications of a bucket may not be for the same events of the same keys: all of that is
refused when the stack is created, or the event is lost.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, properties_path, resource_of
from stackproof.aws.arn import covers
from stackproof.iam.statements import statements
from stackproof.monitoring.event_shapes import OF_KINESIS, RECORD

APPLIES_TO = ("AWS::Events::Rule", "AWS::S3::Bucket", "AWS::Pipes::Pipe")
PREDEFINED = ("aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
         "aws.events.event.json")  # fmt: skip
"""Names that every template may use. Source: EventBridge User Guide, "Input transformation", predefined variables."""
KEPT = {"QueueConfigurations": "Queue", "TopicConfigurations": "Topic", "LambdaConfigurations": "Function"}


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            ids: set[str] = set()
            for index, target in enumerate(as_list(properties.get("Targets", []))):
                path = properties_path(logical, "Targets", index)
                name = str(target.get("Id"))
                if name in ids:
                    message = f"{logical} has two targets with the Id {name}"
                    yield stack.finding((*path, "Id"), message, "give each its own")
                ids.add(name)
                yield from of_target(stack, logical, as_mapping(target), path)
        for logical, properties in stack.of_type("AWS::Pipes::Pipe"):
            yield from of_pipe(stack, logical, properties)
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            yield from of_notifications(stack, logical, as_mapping(properties.get("NotificationConfiguration")))


def of_target(stack: Stack, logical: str, target: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    to = str(target.get("Arn"))
    named = resource_of(stack, to)
    if named and not to.startswith("arn:") and not (to.startswith("{{") and may_be_arn(stack, named)):
        message = f"{logical} sends to {named} by what is no ARN"
        yield stack.finding((*path, "Arn"), message, "name the ARN of the target")
    group = resource_of(stack, to, "AWS::Logs::LogGroup")
    if group and not writable(stack, to.removesuffix(":*")):
        message = f"{logical} writes to the log group {group}, and no policy lets EventBridge do so"
        fix = "add an AWS::Logs::ResourcePolicy for events.amazonaws.com and delivery.logs.amazonaws.com"
        yield stack.finding(path, message, fix)
    transformer = as_mapping(target.get("InputTransformer"))
    defined = set(as_mapping(transformer.get("InputPathsMap"))) | set(PREDEFINED)
    for name in sorted(set(re.findall(r"<([\w.-]+)>", str(transformer.get("InputTemplate", "")))) - defined):
        message = f"{logical} uses <{name}> in its template, which InputPathsMap does not define"
        yield stack.finding((*path, "InputTransformer", "InputTemplate"), message, "define it, or use a defined name")


BY_PARAMETERS = {
    "SqsQueueParameters": "sqs", "KinesisStreamParameters": "kinesis", "DynamoDBStreamParameters": "dynamodb",
    "LambdaFunctionParameters": "lambda", "StepFunctionStateMachineParameters": "states", "EcsTaskParameters": "ecs",
    "EventBridgeEventBusParameters": "events", "CloudWatchLogsParameters": "logs", "BatchJobParameters": "batch",
    "SageMakerPipelineParameters": "sagemaker", "HttpParameters": "", "RedshiftDataParameters": "",
}  # fmt: skip
"""What the parameters of a pipe are for, by the service of the ARN. Source: AWS::Pipes::Pipe, "PipeSourceParameters",
"PipeTargetParameters", in the CloudFormation Template Reference."""
RECORDS = {
    "sqs": {"messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody"} | RECORD,
    "kinesis": {*OF_KINESIS} | RECORD,
    "dynamodb": {"dynamodb", "userIdentity"} | RECORD,
}
"""What a filter of a pipe may name at its top. Source: EventBridge User Guide, "Event filtering in Pipes"."""


def of_pipe(stack: Stack, logical: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    for end in ("Source", "Target"):
        arn = str(properties.get(end))
        service = arn.split(":")[2] if arn.startswith("arn:") else ""
        stated = as_mapping(properties.get(f"{end}Parameters"))
        for key in stated if service else ():
            if BY_PARAMETERS.get(str(key)) not in (None, "", service):
                message = f"{logical} has {key} for {arn}, which is of {service}"
                path = properties_path(logical, f"{end}Parameters", str(key))
                yield stack.finding(path, message, f"state the parameters of {service}")
        filters = as_list(as_mapping(stated.get("FilterCriteria")).get("Filters", []))
        for index, pattern in enumerate(filters):
            path = properties_path(logical, f"{end}Parameters", "FilterCriteria", "Filters", index, "Pattern")
            known = RECORDS.get(service, set())
            asked = set(as_mapping(as_mapping(pattern).get("Pattern"))) - {"$or"}
            for key in sorted(asked - known) if known else ():
                message = f"{logical} filters by {key}, which no record of {arn} has, and so drops all"
                yield stack.finding(path, message, f"name a field of {', '.join(sorted(known - RECORD))}")
    machine = resource_of(stack, properties.get("Target"), "AWS::StepFunctions::StateMachine")
    stated = as_mapping(as_mapping(properties.get("TargetParameters")).get("StepFunctionStateMachineParameters"))
    kind = stack.resources[machine].get("Properties", {}).get("StateMachineType", "STANDARD") if machine else ""
    if kind == "STANDARD" and stated.get("InvocationType", "REQUEST_RESPONSE") == "REQUEST_RESPONSE":
        message = f"{logical} waits for the end of {machine}, a standard state machine, which only express ones tell"
        path = properties_path(logical, "TargetParameters")
        yield stack.finding(path, message, "set InvocationType to FIRE_AND_FORGET, or the machine's type to EXPRESS")


def may_be_arn(stack: Stack, logical: str) -> bool:
    """Tell whether a Ref that only AWS knows may be an ARN: no other text is known as the resource's ARN.

    Source: CloudFormation Template Reference, AWS::Batch::JobQueue, Return values.
    """
    return not str(stack.evaluator.references.attribute(logical, "Arn")).startswith("arn:")


def writable(stack: Stack, group: str) -> bool:
    """Tell whether a policy of the stack for logs lets EventBridge write to a group."""
    for statement in statements(stack):
        if stack.resources[statement.owner]["Type"] != "AWS::Logs::ResourcePolicy" or statement.effect != "Allow":
            continue
        everybody = any(name == "*" for _, name in statement.principals)
        allowed = any(covers(action, "logs:PutLogEvents", fold=True) for action in statement.actions)
        named = any(covers(each, group) or covers(each, f"{group}:*") for each in statement.resources)
        if allowed and named and (everybody or "events.amazonaws.com" in statement.services()):
            return True
    return False


class Notification(NamedTuple):
    """What a bucket tells whom: the event, and what keys begin and end with."""

    path: Path
    event: str
    prefix: str
    suffix: str


def of_notifications(stack: Stack, logical: str, stated: Mapping[str, Any]) -> Iterator[Finding]:
    found = [
        notification for kind in KEPT for notification in notifications(logical, kind, as_list(stated.get(kind, [])))
    ]
    for notification in found:
        if notification.prefix.startswith("/"):
            message = f"{logical} tells of keys that begin with {notification.prefix!r}, and keys begin without a slash"
            yield stack.finding(notification.path, message, f"write {notification.prefix.lstrip('/')!r}")
    for first, other in combinations(found, 2):
        same = covers(first.event, other.event) or covers(other.event, first.event)
        if (
            same
            and meets(first.prefix, other.prefix, str.startswith)
            and meets(first.suffix, other.suffix, str.endswith)
        ):
            message = f"{logical} states {other.event} a second time for the same keys, beside {first.event}"
            yield stack.finding(
                other.path, message, "tell a topic, or EventBridge, which tells several; or part the keys"
            )


def notifications(logical: str, kind: str, stated: list[Any]) -> Iterator[Notification]:
    for index, notification in enumerate(stated):
        rules = as_list(as_mapping(as_mapping(as_mapping(notification).get("Filter")).get("S3Key")).get("Rules", []))
        keys = {str(as_mapping(rule).get("Name")).lower(): str(as_mapping(rule).get("Value", "")) for rule in rules}
        path = properties_path(logical, "NotificationConfiguration", kind, index)
        prefix, suffix = keys.get("prefix", ""), keys.get("suffix", "")
        yield Notification(path, str(as_mapping(notification).get("Event")), prefix, suffix)


def meets(first: str, other: str, within: Any) -> bool:
    """Tell whether a key may begin, or end, with both texts."""
    return bool(within(first, other) or within(other, first))
