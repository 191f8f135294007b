"""No event that a workflow puts on the bus starts the workflow anew.

A rule that starts a state machine by the source of an event, and not by its type, takes the machine's own events for
more work: each execution starts others, without an end, and each is paid for.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-patterns-best-practices.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackproof.api import Deployment, Finding, Stack, as_list, as_mapping, properties_path, resource_of
from stackproof.code.state_machines import KIND, State, all_states, literal, state_machines
from stackproof.monitoring.event_patterns import matches

APPLIES_TO = (KIND,)
KNOWN = {"source", "detail-type"}
"""What is compared: an event's details are known when the workflow runs."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            events = [event for state in all_states(machine) for event in sent(state)]
            for rule, pattern in starting(stack, machine.logical) if events else ():
                for event in [event for event in events if starts(pattern, event)][:1]:
                    kind = f"{event['detail-type']} of {event['source']}"
                    message = f"{rule} starts {machine.logical} by {kind}, which {machine.logical} sends itself"
                    path = properties_path(rule, "EventPattern")
                    yield stack.finding(path, message, "name in detail-type the events that are to start it")


def starts(pattern: Mapping[str, object], event: Mapping[str, str]) -> bool:
    try:
        return matches(pattern, event)
    except ValueError:  # a pattern that EventBridge refuses: event_rules_complete says so
        return False


def starting(stack: Stack, machine: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Give the rules of the default bus that start a state machine by nothing but sources and types."""
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        pattern = as_mapping(properties.get("EventPattern"))
        to = [
            resource_of(stack, str(as_mapping(target).get("Arn")), KIND)
            for target in as_list(properties.get("Targets", []))
        ]
        if pattern and pattern.keys() <= KNOWN and machine in to and "EventBusName" not in properties:
            yield logical, pattern


def sent(state: State) -> Iterator[Mapping[str, str]]:
    """Give the events, by source and type, that a task puts on the default bus, as far as the definition says them."""
    arguments = as_mapping(state.arguments()) if str(state.value.get("Resource")).endswith(":events:putEvents") else {}
    for entry in map(as_mapping, as_list(arguments.get("Entries", []))):
        source, kind = (literal(entry.get(name), state.language) for name in ("Source", "DetailType"))
        if isinstance(source, str) and isinstance(kind, str) and "EventBusName" not in entry:
            yield {"source": source, "detail-type": kind}
