"""What a function is sent, as far as it is known: the fields of its events by who sends them.

A shape is a mapping from fields to the shapes below them, None where anything may be; `code.event_reading` has the
steps into lists and into texts of JSON.
Source: Lambda Developer Guide, "Using Lambda with Amazon SQS", "Process Amazon Kinesis Data Streams records with
Lambda", "Using AWS Lambda with Amazon DynamoDB", "Process Amazon S3 event notifications with Lambda", "Invoking Lambda
functions with Amazon SNS notifications", "Using Lambda with CloudWatch Logs"; Amazon SNS Developer Guide, "Parsing
Amazon SNS message formats"; Amazon S3 User Guide, "Event message structure".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from stackproof.code.event_reading import ITEM, PARSED
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list, is_true
from stackproof.monitoring.delivery import EVENTS, Message, messages, subscriptions
from stackproof.topology.event_sources import consumers, function_of
from stackproof.topology.resource_index import arns, resource_of
from stackproof.topology.texts import texts_of_resource

Shape: TypeAlias = "Mapping[str, Shape] | None"

EVENT = frozenset(("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"))
"""The fields of an event of EventBridge. Source: EventBridge User Guide, "Events"."""
ALARM = frozenset((
    "AlarmName", "AlarmDescription", "AWSAccountId", "AlarmConfigurationUpdatedTimestamp", "NewStateValue",
    "NewStateReason", "StateChangeTime", "Region", "AlarmArn", "OldStateValue", "OKActions", "AlarmActions",
    "InsufficientDataActions", "Trigger", "AlarmRule", "AlarmType",
))  # fmt: skip
"""The fields of what an alarm sends to a topic. Source: CloudWatch User Guide, "Alarm notifications"."""
RECORD = frozenset((
    "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "eventSourceARN", "invokeIdentityArn",
))  # fmt: skip
OF_SQS = ("messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody")
OF_SQS_ATTRIBUTES = "md5OfMessageAttributes"
OF_KINESIS = ("data", "partitionKey", "sequenceNumber", "kinesisSchemaVersion", "approximateArrivalTimestamp")
OF_DYNAMODB = (
    "ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType",
)  # fmt: skip
OF_S3 = (
    "eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity", "requestParameters",
    "responseElements", "s3", "glacierEventData", "restoreEventData", "replicationEventData",
    "intelligentTieringEventData", "lifecycleEventData",
)  # fmt: skip
OF_WINDOW = ("state", "window", "shardId", "eventSourceARN", "isFinalInvokeForWindow", "isWindowTerminatedEarly")
ENVELOPE = (
    "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature",
    "SigningCertURL", "UnsubscribeURL", "SigningCertUrl", "UnsubscribeUrl", "MessageAttributes",
)  # fmt: skip
SENT_BY = ("sns.amazonaws.com", EVENTS, "s3.amazonaws.com")
SOURCES = ("AWS::SQS::Queue", "AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
NO_CALLERS = (
    "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::SNS::Subscription", "AWS::SNS::Topic",
    "AWS::S3::Bucket", "AWS::Logs::SubscriptionFilter", "AWS::Logs::LogGroup", "AWS::CloudWatch::Dashboard",
    "AWS::CloudWatch::Alarm", "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy",
)  # fmt: skip
"""Types that name a function without calling it, or whose calls are known here."""


def open_fields(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names)


def shapes_of(deployment: Deployment, stack: Stack, function: str) -> list[tuple[str, Shape]] | None:
    """Return what each sender sends to a function, with the sender's logical id; None where others may call it too."""
    if _called_otherwise(stack, function):
        return None
    found: list[tuple[str, Shape]] = []
    for consumer in consumers(stack, *SOURCES):
        if consumer.function == function:
            record = _record(deployment, stack, consumer.source)
            found.append((consumer.source, {"Records": {ITEM: record}, **open_fields(*OF_WINDOW)}))
    for side in deployment.stacks:
        for message in messages(side):
            if message.to.startswith("arn:") and function_of(stack, message.to) == function:
                if message.service.replace(f"sns.{stack.scenario.region}.", "sns.") not in SENT_BY:
                    return None
                found.append((str(message.path[1]), _sent(deployment, message)))
    for logical, properties in stack.of_type("AWS::Logs::SubscriptionFilter"):
        if function_of(stack, properties.get("DestinationArn")) == function:
            found.append((logical, {"awslogs": open_fields("data")}))
    return found


@memoised
def _called_otherwise(stack: Stack, function: str) -> bool:
    """Tell whether a resource of the stack may call a function with what is not known here."""
    name, own = str(stack.evaluator.references.ref(function)), arns(stack, function)
    for logical, properties in stack.of_type("AWS::Lambda::Permission"):
        principal = str(properties.get("Principal"))
        if function_of(stack, properties.get("FunctionName")) == function and not re.match(
            r"(sns|events|s3|logs)\.", principal
        ):
            return bool(logical)
    callers = {
        logical: resource
        for logical, resource in stack.resources.items()
        if logical != function and resource["Type"] not in NO_CALLERS
    }
    return any(
        text == name or any(text_of_own in text for text_of_own in own)
        for logical, resource in callers.items()
        for _, text in texts_of_resource(resource, logical)
    )


def _record(deployment: Deployment, stack: Stack, source: str) -> Shape:
    kind = stack.resources[source]["Type"]
    common: dict[str, Shape] = open_fields(*RECORD)
    if kind == "AWS::SQS::Queue":
        body = bodies(deployment, stack, source)
        return common | open_fields(*OF_SQS, OF_SQS_ATTRIBUTES) | {"body": {PARSED: _merged(body)}}
    if kind == "AWS::Kinesis::Stream":
        return common | {"kinesis": open_fields(*OF_KINESIS)}
    return common | {"dynamodb": open_fields(*OF_DYNAMODB), "userIdentity": None}


def _merged(shapes: list[Shape] | None) -> Shape:
    """Return the fields that any of some shapes has, None where one of them is not known."""
    if not shapes or any(known_shape is None for known_shape in shapes):
        return None
    found: dict[str, Shape] = {}
    for shape in shapes:
        for key, below in (shape or {}).items():
            found[key] = _merged([found[key], below]) if key in found else below
    return found


def bodies(deployment: Deployment, stack: Stack, queue: str) -> list[Shape] | None:
    """Return what stands in the messages of a queue by who is known to send them; None where nobody is."""
    arn = str(stack.evaluator.references.attribute(queue, "Arn"))
    found: list[Shape] = []
    for side in deployment.stacks:
        for message in messages(side):
            if message.to != arn or message.service.startswith("sns."):
                continue
            found.append(_sent(deployment, message))
        for subscription in subscriptions(side):
            if subscription.properties.get("Protocol") == "sqs" and subscription.properties.get("Endpoint") == arn:
                content = published(deployment, subscription.topic)
                raw = is_true(subscription.properties.get("RawMessageDelivery"))
                found.append(content if raw else open_fields(*ENVELOPE) | {"Message": {PARSED: content}})
    return found or None


def published(deployment: Deployment, topic: str) -> Shape:
    """Return what is known of the messages of a topic: what alarms, event rules and buckets send to it."""
    found: list[Shape] = []
    for side in deployment.stacks:
        for message in messages(side):
            if message.to == topic:
                found.append(_sent(deployment, message))
    return _merged(found)


def _sent(deployment: Deployment, message: Message) -> Shape:
    """Return what a message is to its receiver."""
    if message.service.startswith("sns."):
        content: Shape = {PARSED: published(deployment, message.source)}
        sns = open_fields(*ENVELOPE) | {"Message": content}
        record = open_fields("EventSource", "EventVersion", "EventSubscriptionArn") | {"Sns": sns}
        return {"Records": {ITEM: record}}
    if message.service == EVENTS:
        rule = message.stack.resources[str(message.path[1])].get("Properties", {})
        return handed(rule["Targets"][int(message.path[4])])
    if message.service == "s3.amazonaws.com":
        return {"Records": {ITEM: open_fields(*OF_S3)}}
    return open_fields(*ALARM)


def handed(target: Mapping[str, Any]) -> Shape:
    """Return the fields of what an event rule hands to its target, None where that is not known.

    Behind an input path only the fields of the envelope are known: that they are gone.
    """
    if str(target.get("InputPath", "$")) != "$":
        return None
    text = target.get("Input", (target.get("InputTransformer") or {}).get("InputTemplate"))
    if text is None:
        return open_fields(*EVENT)
    plain = re.sub(r'"<[^<>]*>"|<[^<>]*>', "0", str(text))
    try:
        found = json.loads(plain)
    except ValueError:
        return None
    return open_fields(*map(str, found)) if isinstance(found, dict) else None


def lacks(shape: Shape, path: tuple[str, ...]) -> str:
    """Return the first field of a path that a shape does not have, "" if it may have all."""
    for step in path:
        if shape is None:
            return ""
        if step not in shape:
            # A list that is not told apart, or a text that is parsed: nothing is known of what is below.
            return "" if step in (ITEM, PARSED) else step
        shape = shape[step]
    return ""


def field_list(shape: Shape) -> str:
    return ", ".join(sorted(key for key in as_list(list(shape or ())) if key not in (ITEM, PARSED)))


def shape_at(shape: Shape, path: tuple[str, ...]) -> Iterator[str]:
    """Give the fields that a shape has where the last step of a path is taken."""
    for step in path[:-1]:
        if shape is None or step not in shape:
            return
        shape = shape[step]
    yield from (key for key in shape or () if key not in (ITEM, PARSED))


def queue_of(stack: Stack, arn: object) -> str | None:
    return resource_of(stack, arn, "AWS::SQS::Queue")
