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

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, is_true, properties_path, resource_of
from stackproof.aws.arn import covers
from stackproof.iam.statements import statements
from stackproof.monitoring import event_shapes
from stackproof.monitoring.code_messages import Sent, sent_by_code, unknown_publishers
from stackproof.monitoring.delivery import Message, Subscription, messages, subscriptions
from stackproof.monitoring.event_patterns import matches
from stackproof.monitoring.event_shapes import ALARM, EVENT, bodies

APPLIES_TO = ("AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::Lambda::EventSourceMapping")
KNOWN_SENDERS = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com"}
CHANGED = ("Input", "InputPath", "InputTransformer")
RECORD = event_shapes.RECORD
FIELDS = {
    "AWS::SQS::Queue": {*event_shapes.OF_SQS} | RECORD,
    "AWS::Kinesis::Stream": {*event_shapes.OF_KINESIS, "kinesis"} | RECORD,
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
            yield from of_mapping(deployment, stack, logical, properties)


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
    policy = as_mapping(subscription.properties.get("FilterPolicy"))
    senders = [message for message in sent if message.to == subscription.topic] if policy else []
    if not policy or others_publish(deployment, subscription.topic):
        return
    body = subscription.properties.get("FilterPolicyScope", "MessageAttributes") == "MessageBody"
    coded = [
        message for side in deployment.stacks for message in sent_by_code(side) if message.call.operation == "publish"
    ]
    if any(message.to is None for message in coded):
        return
    coded = [message for message in coded if message.to == subscription.topic]
    try:
        if any(fits(policy, sender, body) for sender in senders) or any(
            fits_code(policy, sender, body) for sender in coded
        ):
            return
    except (ValueError, TypeError, AttributeError):  # what is wrong with the policy itself is not for this rule
        return
    names = ", ".join(
        dict.fromkeys([*(str(sender.path[1]) for sender in senders), *(sender.function.logical for sender in coded)])
    )
    if not names:
        return
    without = "" if coded else ", of which they have none"
    where = "in the body" if body else f"in the attributes{without}"
    message = f"{subscription.logical} filters all out that {names} send: it asks for {', '.join(policy)} {where}"
    fix = (
        "name fields that the messages have, or remove FilterPolicy" if body else "set FilterPolicyScope to MessageBody"
    )
    yield stack.finding((*subscription.path, "FilterPolicy"), message, fix)


def others_publish(deployment: Deployment, topic: str) -> bool:
    """Tell whether anybody but alarms, event rules, buckets and code that is read may send to a topic.

    That is as far as the stacks say.
    """
    for stack in deployment.stacks:
        unread = unknown_publishers(stack)
        for statement in statements(stack):
            if stack.resources[statement.owner]["Type"] == "AWS::IAM::Role" and statement.owner not in unread:
                continue
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
    pattern = as_mapping(rule.get("EventPattern", {"source": ["aws.events"], "detail-type": ["Scheduled Event"]}))
    return policy.keys() <= EVENT and all(
        any(matches({key: policy[key]}, {key: value}) for value in values)
        for key in ("source", "detail-type")
        if key in policy and (values := texts(pattern.get(key)))
    )


def fits_code(policy: Mapping[str, Any], sent: Sent, body: bool) -> bool:
    """Tell whether what code publishes may pass a filter, as far as the code says what it publishes."""
    if body:
        fields = sent.body()
        return fields is None or (policy.keys() <= fields | {"$or"})
    attribute = sent.attributes()
    if attribute is None or "$or" in policy:
        return True
    return all(
        any(of_attribute(wanted, attribute.get(name)) for wanted in as_list(values)) for name, values in policy.items()
    )


def of_attribute(wanted: Any, attribute: tuple[str, str | None] | None) -> bool:
    """Tell whether an attribute, by its type and its value if that is known, may be what a filter wants.

    A number is compared with attributes of the type Number alone, and an attribute that is not there fits only where
    that is asked for. Source: Amazon SNS Developer Guide, "Key matching in filter policies", "Numeric value matching".
    """
    if isinstance(wanted, Mapping) and "exists" in wanted:
        return is_true(wanted["exists"]) is (attribute is not None)
    if attribute is None:
        return False
    kind, value = attribute
    if isinstance(wanted, Mapping) and "numeric" in wanted and kind in ("String", "Binary"):
        return False
    if value is None or kind not in ("String",):
        return True
    return matches({"a": [wanted]}, {"a": value})


def texts(values: Any) -> list[str]:
    """Return the values of a field of a pattern, [] where they are not all texts."""
    found = values if isinstance(values, list) else []
    return found if all(isinstance(value, str) for value in found) else []


def of_mapping(deployment: Deployment, stack: Stack, logical: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    source = resource_of(stack, properties.get("EventSourceArn"), *FIELDS)
    criteria = properties.get("FilterCriteria") or {}
    for index, filtering in enumerate(as_list(criteria.get("Filters", [])) if source else ()):
        pattern = as_mapping(filtering.get("Pattern")) if isinstance(filtering, Mapping) else {}
        path = properties_path(logical, "FilterCriteria", "Filters", index, "Pattern")
        kind = stack.resources[str(source)]["Type"]
        for key in sorted(pattern.keys() - FIELDS[kind] - {"$or"}):
            message = f"{logical} filters by {key}, which no record of {source} has, and so drops all"
            yield stack.finding(path, message, f"name a field of {', '.join(sorted(FIELDS[kind] - RECORD))}")
        yield from of_body(deployment, stack, path, str(source), pattern)
        if kind.startswith("AWS::DynamoDB"):
            yield from of_rows(stack, logical, str(source), pattern, path)


def of_body(
    deployment: Deployment, stack: Stack, path: Path, source: str, pattern: Mapping[str, Any]
) -> Iterator[Finding]:
    """Find filters of a queue's mapping on fields that no message has: what was published is a text in the envelope."""
    asked = pattern.get("body")
    sent = bodies(deployment, stack, source) if stack.resources[source]["Type"] == "AWS::SQS::Queue" else None
    known = [body for body in sent or () if body is not None]
    if not isinstance(asked, Mapping) or not known or len(known) != len(sent or ()):
        return
    for key, values in sorted(asked.items()):
        nested = isinstance(values, Mapping) and key == "Message"
        if nested or (key != "$or" and not any(key in body for body in known) and not absent(values)):
            what = f"body.{key}" if not nested else "fields of body.Message, which is a text"
            message = f"{path[1]} filters by {what}, which no message of {source} has, and so drops all"
            yield stack.finding(path, message, "set RawMessageDelivery, or filter in the subscription")


def absent(values: Any) -> bool:
    return any(isinstance(value, Mapping) and value.get("exists") is False for value in as_list(values))


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
