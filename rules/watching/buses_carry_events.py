"""Every event rule listens on a bus that its events come to.

Services of AWS send their events to the default bus alone, and only the default bus runs schedules: a rule for either
on a bus of its own matches nothing, or is refused, unless other rules forward the events there.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, as_mapping, properties_path, resource_of

APPLIES_TO = ("AWS::Events::Rule",)
BUS = "AWS::Events::EventBus"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            yield from of_buckets(stack, logical, properties)
            yield from of_resources(stack, logical, as_mapping(properties.get("EventPattern")))
            bus = bus_of(stack, properties.get("EventBusName"))
            if not bus:
                continue
            if "ScheduleExpression" in properties:
                message = f"{logical} runs by a schedule on the bus {bus}, and only the default bus has schedules"
                path = properties_path(logical, "ScheduleExpression")
                yield stack.finding(path, message, "remove EventBusName, or use a schedule of EventBridge Scheduler")
            sources = as_mapping(properties.get("EventPattern")).get("source", [])
            if of_aws(properties) and not fed(deployment, stack, bus):
                message = (
                    f"{logical} waits on the bus {bus} for {', '.join(sources)}, whose events go to the default bus"
                )
                path = properties_path(logical, "EventBusName")
                yield stack.finding(path, message, "remove EventBusName, or forward the events from the default bus")


OF_S3 = {
    "Object Created", "Object Deleted", "Object Restore Initiated", "Object Restore Completed",
    "Object Restore Expired", "Object Storage Class Changed", "Object Access Tier Changed", "Object ACL Updated",
    "Object Tags Added", "Object Tags Deleted",
}  # fmt: skip
BY_ID = {"aws.health", "aws.trustedadvisor"}
DETAIL_OF_S3 = {
    "version", "bucket", "object", "request-id", "requester", "source-ip-address", "reason", "deletion-type",
    "restore-expiry-time", "source-storage-class", "destination-storage-class", "destination-access-tier", "$or",
}  # fmt: skip
"""What S3 sends to EventBridge, and the fields of its details. Source: Amazon S3 User Guide, "EventBridge event message
structure", "Using EventBridge"."""


def of_buckets(stack: Stack, logical: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    """Find rules for events of S3 that it does not send: of such a kind, or from a bucket that sends none."""
    pattern = as_mapping(properties.get("EventPattern"))
    detail, types = as_mapping(pattern.get("detail")), as_list(pattern.get("detail-type", []))
    path = properties_path(logical, "EventPattern")
    trail = any(isinstance(detail_type, str) and detail_type.startswith("AWS ") for detail_type in types)
    if as_list(pattern.get("source", [])) != ["aws.s3"] or trail:
        return
    for type_wanted in types:
        if isinstance(type_wanted, str) and type_wanted not in OF_S3:
            message = f"{logical} waits for {type_wanted!r} of S3, which it does not send to EventBridge"
            yield stack.finding((*path, "detail-type"), message, f"name one of {', '.join(sorted(OF_S3))}")
    if types:
        for key in sorted(set(detail) - DETAIL_OF_S3):
            message = f"{logical} asks for detail.{key}, which no event of S3 has"
            yield stack.finding((*path, "detail", key), message, "write bucket.name, object.key, reason and the like")
    for key in as_list(as_mapping(detail.get("object")).get("key", [])):
        text = key.get("prefix") if isinstance(key, Mapping) else key
        if isinstance(text, str) and text.startswith("/"):
            message = f"{logical} waits for keys that begin with {text!r}, and keys of S3 begin without a slash"
            yield stack.finding((*path, "detail", "object", "key"), message, f"write {text.lstrip('/')!r}")
    for name in as_list(as_mapping(detail.get("bucket")).get("name", [])):
        where = (*path, "detail", "bucket", "name")
        if isinstance(name, str) and name.startswith("arn:"):
            message = f"{logical} asks for a bucket by the ARN {name}, and events have its name"
            yield stack.finding(where, message, "write the name, which Ref gives")
        bucket = resource_of(stack, name, "AWS::S3::Bucket") if isinstance(name, str) else None
        notifications = (
            as_mapping(stack.resources[bucket].get("Properties", {}).get("NotificationConfiguration")) if bucket else {}
        )
        stated = notifications.get("EventBridgeConfiguration")
        if bucket and (stated is None or str(as_mapping(stated).get("EventBridgeEnabled", True)).lower() == "false"):
            message = f"{logical} waits for events of {bucket}, which sends none to EventBridge"
            yield stack.finding(where, message, "set NotificationConfiguration.EventBridgeConfiguration of the bucket")


def of_resources(stack: Stack, logical: str, pattern: Mapping[str, Any]) -> Iterator[Finding]:
    """Find names where events have ARNs: but for AWS Health and Trusted Advisor, resources are ARNs.

    Source: Amazon EventBridge User Guide, "Event structure"; AWS Health User Guide, "Reference: AWS Health events".
    """
    sources = as_list(pattern.get("source", []))
    for name in as_list(pattern.get("resources", [])) if sources and BY_ID.isdisjoint(map(str, sources)) else ():
        known = resource_of(stack, name) if isinstance(name, str) and not name.startswith(("arn:", "{{")) else None
        if known and all(str(source).startswith("aws.") for source in sources):
            message = f"{logical} asks for {known} by {name!r}, and events have ARNs in resources"
            path = properties_path(logical, "EventPattern", "resources")
            yield stack.finding(path, message, "write the ARN, which Fn::GetAtt gives")


def of_aws(properties: Mapping[str, Any]) -> bool:
    """Tell whether a rule takes events of services of AWS alone; partners' begin with aws.partner."""
    sources = as_mapping(properties.get("EventPattern")).get("source", [])
    return bool(sources) and all(
        isinstance(source, str) and source.startswith("aws.") and not source.startswith("aws.partner")
        for source in sources
    )


def fed(deployment: Deployment, stack: Stack, bus: str) -> bool:
    """Tell whether a rule of the stacks sends to a bus, or a policy lets others, who may forward such events."""
    rules = (properties for side in deployment.stacks for _, properties in side.of_type("AWS::Events::Rule"))
    to = {str(target.get("Arn")) for rule in rules for target in rule.get("Targets", [])}
    names = {str(policy.get("EventBusName")) for _, policy in stack.of_type("AWS::Events::EventBusPolicy")}
    return any(bus_of(stack, target) == bus for target in (*to, *names))


def bus_of(stack: Stack, name: Any) -> str | None:
    """Return the bus of the stack that a name, in whichever way it was read, or an ARN means."""
    read = stack.evaluator.references.attribute
    named = (logical for logical, _ in stack.of_type(BUS) if str(name) == str(read(logical, "Name")))
    return resource_of(stack, name, BUS) or next(named, None)
