"""Every subscription and mapping delivers what its receiver is to get: no filter keeps all out, a queue gets one form.

A filter policy looks at the attributes of a message unless its scope is MessageBody; messages of alarms, event rules
and buckets have none, so that a filter on attributes drops each of them. A queue to which some subscriptions deliver
raw and some in SNS's envelope has two kinds of messages for one reader. A mapping's filter reads the fields of its
source: the data of a stream, the body of a message, the image of a row with its type. All of that is taken, and drops
in silence.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
pack: core
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, is_true, properties_path, resource_of
from stackproof.aws.arn import covers
from stackproof.iam.statements import statements
from stackproof.monitoring.delivery import Message, Subscription, messages, subscriptions
from stackproof.monitoring.event_patterns import matches

APPLIES_TO = ("AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::Lambda::EventSourceMapping")
KNOWN_SENDERS = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com"}
EVENT = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
CHANGED = ("Input", "InputPath", "InputTransformer")
RECORD = {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "eventSourceARN", "invokeIdentityArn"}
FIELDS = {
    "AWS::SQS::Queue": {"messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody"} | RECORD,
    "AWS::Kinesis::Stream": {"data", "partitionKey", "sequenceNumber", "kinesisSchemaVersion", "kinesis"}
    | {"approximateArrivalTimestamp"}
    | RECORD,
    "AWS::DynamoDB::Table": {"dynamodb", "userIdentity"} | RECORD,
    "AWS::DynamoDB::GlobalTable": {"dynamodb", "userIdentity"} | RECORD,
}
"""What a filter of a mapping may name at its top, by the type of its source."""
CHANGES = {"INSERT", "MODIFY", "REMOVE"}


def check(deployment: Deployment) -> Iterator[Finding]:
    found = [(stack, subscription) for stack in deployment.stacks for subscription in subscriptions(stack)]
    sent = [message for stack in deployment.stacks for message in messages(stack)]
    for stack, subscription in found:
        protocol = subscription.properties.get("Protocol")
        if is_true(subscription.properties.get("RawMessageDelivery")) and protocol in (
            "lambda",
            "email",
            "email-json",
            "sms",
        ):
            message = f"{subscription.logical} delivers raw to {protocol}, which SNS does not take"
            yield stack.finding((*subscription.path, "RawMessageDelivery"), message, "remove RawMessageDelivery")
        yield from of_filter(deployment, stack, subscription, sent)
    yield from of_forms(found)
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Lambda::EventSourceMapping"):
            yield from of_mapping(stack, logical, properties)


def of_forms(found: list[tuple[Stack, Subscription]]) -> Iterator[Finding]:
    """Find a queue that gets messages in two forms."""
    first: dict[str, tuple[str, bool]] = {}
    for stack, subscription in found:
        if subscription.properties.get("Protocol") == "sqs":
            raw = is_true(subscription.properties.get("RawMessageDelivery"))
            other, form = first.setdefault(str(subscription.properties.get("Endpoint")), (subscription.logical, raw))
            if form is not raw:
                how = ("in SNS's envelope", "raw")
                message = f"{subscription.logical} delivers {how[raw]} and {other} {how[form]} to one queue"
                yield stack.finding(
                    subscription.path, message, "set RawMessageDelivery alike on all subscriptions of the queue"
                )


def of_filter(
    deployment: Deployment, stack: Stack, subscription: Subscription, sent: list[Message]
) -> Iterator[Finding]:
    policy = read(subscription.properties.get("FilterPolicy"))
    senders = [message for message in sent if message.to == subscription.topic]
    if not policy or not senders or others_publish(deployment, subscription.topic):
        return
    body = subscription.properties.get("FilterPolicyScope", "MessageAttributes") == "MessageBody"
    try:
        if any(fits(policy, sender, body) for sender in senders):
            return
    except (ValueError, TypeError, AttributeError):  # what is wrong with the policy itself is not for this rule
        return
    names = ", ".join(dict.fromkeys(str(sender.path[1]) for sender in senders))
    where = "in the body" if body else "in the attributes, of which they have none"
    message = f"{subscription.logical} filters all out that {names} send: it asks for {', '.join(policy)} {where}"
    fix = (
        "name fields that the messages have, or remove FilterPolicy" if body else "set FilterPolicyScope to MessageBody"
    )
    yield stack.finding((*subscription.path, "FilterPolicy"), message, fix)


def read(value: Any) -> Mapping[str, Any]:
    """Return a filter, which may stand as JSON in a text; {} for none, and for what only AWS knows."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}


def others_publish(deployment: Deployment, topic: str) -> bool:
    """Tell whether anybody but alarms, event rules and buckets may send to a topic, as far as the stacks say."""
    for stack in deployment.stacks:
        for statement in statements(stack):
            concerned = any(covers(action, "sns:Publish", fold=True) for action in statement.actions)
            on_it = not statement.resources or any(covers(resource, topic) for resource in statement.resources)
            to_others = not statement.principals or set(statement.services()) - KNOWN_SENDERS
            if statement.effect == "Allow" and not statement.is_trust and concerned and on_it and to_others:
                return True
    return False


def fits(policy: Mapping[str, Any], sender: Message, body: bool) -> bool:
    """Tell whether a message of a sender may pass a filter."""
    if not body:
        return matches(policy, {})
    if sender.service == "cloudwatch.amazonaws.com":
        state = {"AlarmActions": "ALARM", "OKActions": "OK"}.get(str(sender.path[3]), "INSUFFICIENT_DATA")
        return policy.keys() <= ALARM and (
            "NewStateValue" not in policy
            or matches({"NewStateValue": policy["NewStateValue"]}, {"NewStateValue": state})
        )
    if sender.service == "s3.amazonaws.com":
        return policy.keys() <= {"Records"}
    rule = sender.stack.resources[str(sender.path[1])].get("Properties", {})
    target = rule["Targets"][int(sender.path[4])]
    if any(key in target for key in CHANGED):
        return True
    pattern = rule.get("EventPattern", {"source": ["aws.events"], "detail-type": ["Scheduled Event"]})
    return policy.keys() <= EVENT and all(
        any(matches({key: policy[key]}, {key: value}) for value in values)
        for key in ("source", "detail-type")
        if key in policy and (values := texts(pattern.get(key)))
    )


ALARM = {"AlarmName", "AlarmDescription", "AWSAccountId", "AlarmConfigurationUpdatedTimestamp", "NewStateValue"}
ALARM |= {"NewStateReason", "StateChangeTime", "Region", "AlarmArn", "OldStateValue", "OKActions", "AlarmActions"}
ALARM |= {"InsufficientDataActions", "Trigger", "AlarmRule", "AlarmType"}
"""The fields of what an alarm sends. Source: CloudWatch User Guide, "Alarm notifications"."""


def texts(values: Any) -> list[str]:
    """Return the values of a field of a pattern, [] where they are not all texts."""
    found = values if isinstance(values, list) else []
    return found if all(isinstance(value, str) for value in found) else []


def of_mapping(stack: Stack, logical: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    source = resource_of(stack, properties.get("EventSourceArn"), *FIELDS)
    criteria = properties.get("FilterCriteria") or {}
    for index, filter_ in enumerate(as_list(criteria.get("Filters", [])) if source else ()):
        pattern = read(filter_.get("Pattern")) if isinstance(filter_, Mapping) else {}
        path = properties_path(logical, "FilterCriteria", "Filters", index, "Pattern")
        kind = stack.resources[str(source)]["Type"]
        for key in sorted(pattern.keys() - FIELDS[kind] - {"$or"}):
            message = f"{logical} filters by {key}, which no record of {source} has, and so drops all"
            yield stack.finding(path, message, f"name a field of {', '.join(sorted(FIELDS[kind] - RECORD))}")
        if kind.startswith("AWS::DynamoDB"):
            yield from of_rows(stack, logical, str(source), pattern, path)


def of_rows(stack: Stack, logical: str, table: str, pattern: Mapping[str, Any], path: Any) -> Iterator[Finding]:
    names = texts(pattern.get("eventName"))
    if names and not CHANGES.intersection(names):
        message = f"{logical} filters by the event {', '.join(names)}, and a table has {', '.join(sorted(CHANGES))}"
        yield stack.finding(path, message, "name one of these")
    stated = stack.resources[table].get("Properties", {}).get("StreamSpecification", {}).get("StreamViewType", "")
    stated_images = pattern.get("dynamodb")
    images: Mapping[str, Any] = stated_images if isinstance(stated_images, Mapping) else {}
    for image in ("NewImage", "OldImage"):
        missing = {"NewImage": ("KEYS_ONLY", "OLD_IMAGE"), "OldImage": ("KEYS_ONLY", "NEW_IMAGE")}[image]
        if image in images and stated in missing:
            message = f"{logical} filters by {image}, which the stream of {table} ({stated}) does not have"
            yield stack.finding(path, message, "set StreamViewType to NEW_AND_OLD_IMAGES")
        for attribute, typed in images[image].items() if isinstance(images.get(image), Mapping) else ():
            if isinstance(typed, list) or (
                isinstance(typed, Mapping) and any(map(is_number, as_list(typed.get("N", []))))
            ):
                message = f"{logical} filters by {image}.{attribute} without the type of its value, and so drops all"
                yield stack.finding(path, message, 'write the type, and numbers as texts: {"S": ["a"]}, {"N": ["1"]}')


def is_number(value: Any) -> bool:
    return isinstance(value, int | float)
