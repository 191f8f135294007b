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

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of

APPLIES_TO = ("AWS::Events::Rule",)
BUS = "AWS::Events::EventBus"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            bus = bus_of(stack, properties.get("EventBusName"))
            if not bus:
                continue
            if "ScheduleExpression" in properties:
                message = f"{logical} runs by a schedule on the bus {bus}, and only the default bus has schedules"
                path = properties_path(logical, "ScheduleExpression")
                yield stack.finding(path, message, "remove EventBusName, or use a schedule of EventBridge Scheduler")
            sources = (properties.get("EventPattern") or {}).get("source", [])
            if of_aws(properties) and not fed(deployment, stack, bus):
                message = (
                    f"{logical} waits on the bus {bus} for {', '.join(sources)}, whose events go to the default bus"
                )
                path = properties_path(logical, "EventBusName")
                yield stack.finding(path, message, "remove EventBusName, or forward the events from the default bus")


def of_aws(properties: Mapping[str, Any]) -> bool:
    """Tell whether a rule takes events of services of AWS alone; partners' begin with aws.partner."""
    sources = (properties.get("EventPattern") or {}).get("source", [])
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
