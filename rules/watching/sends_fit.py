"""What code sends to a queue, a topic or a bus is as the receiver takes it, and a rule waits for each event.

A FIFO queue or topic refuses a message without a group, one without an id for deduplication where it makes none of the
content, and a queue one with a delay of its own. A queue is named by its URL, a topic by its ARN. EventBridge refuses
sources that begin with aws., and an event that no rule of its bus matches is gone, most often for a letter in its
source or its detail type.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
pack: core
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Stack, as_list, as_mapping, is_true, properties_path, resource_of
from stackproof.code.state_machines import all_states, state_machines
from stackproof.monitoring.code_messages import Sent, sent_by_code
from stackproof.monitoring.event_patterns import matches

APPLIES_TO = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Events::Rule")
BUS = "AWS::Events::EventBus"


def check(deployment: Deployment) -> Iterator[Finding]:
    sent = [message for stack in deployment.stacks for message in sent_by_code(stack)]
    for sending in sent:
        if sending.call.operation == "put_events":
            yield from of_event(sending)
        else:
            yield from of_receiver(sending)
            yield from of_group(deployment, sending)
    yield from unheard(deployment, [message for message in sent if message.call.operation == "put_events"])


def of_receiver(sending: Sent) -> Iterator[Finding]:
    to, service = sending.to or "", sending.call.client.service
    if service == "sqs" and to.startswith("arn:"):
        message = f"{sending.function.logical} sends to the queue {to}, and SQS takes the URL of a queue"
        yield sending.function.finding(sending.call.line, message, "hand the URL over, which Ref gives")
    known = to and not to.startswith(("arn:", "{{"))
    if service == "sns" and known:
        message = f"{sending.function.logical} publishes to {to!r}, and SNS takes the ARN of a topic"
        yield sending.function.finding(sending.call.line, message, "hand the ARN over, which Ref gives")


def of_group(deployment: Deployment, sending: Sent) -> Iterator[Finding]:
    kind = "AWS::SQS::Queue" if sending.call.client.service == "sqs" else "AWS::SNS::Topic"
    found = next(((side, name) for side in deployment.stacks if (name := resource_of(side, sending.to, kind))), None)
    if found is None or sending.fields is None:
        return
    properties = found[0].resources[found[1]].get("Properties", {})
    if not is_true(properties.get(f"Fifo{kind.rpartition('::')[2]}")):
        return
    who = sending.function.logical
    if "MessageGroupId" not in sending.fields:
        message = f"{who} sends to {found[1]}, which is FIFO, without a message group"
        yield sending.function.finding(sending.call.line, message, "give MessageGroupId")
    if not is_true(properties.get("ContentBasedDeduplication")) and "MessageDeduplicationId" not in sending.fields:
        message = f"{who} sends to {found[1]} without an id for deduplication, and {found[1]} makes none of the content"
        yield sending.function.finding(
            sending.call.line, message, "give MessageDeduplicationId, or set ContentBasedDeduplication"
        )
    if kind == "AWS::SQS::Queue" and "DelaySeconds" in sending.fields and sending.text("DelaySeconds") != "":
        message = f"{who} delays a message to {found[1]}, which is FIFO: only the whole queue can be delayed"
        yield sending.function.finding(sending.call.line, message, "remove DelaySeconds, or set it on the queue")


def of_event(sending: Sent) -> Iterator[Finding]:
    source, detail = sending.text("Source"), sending.text("Detail")
    if source and source.startswith("aws."):
        message = f"{sending.function.logical} sends events of the source {source}, which are AWS's own to send"
        yield sending.function.finding(sending.call.line, message, "name a source that does not begin with aws.")
    for name in ("Source", "DetailType", "Detail") if sending.fields is not None else ():
        if name not in (sending.fields or {}):
            message = f"{sending.function.logical} sends events without {name}, which EventBridge refuses"
            yield sending.function.finding(sending.call.line, message, f"give {name}")
    if detail and not is_object(detail):
        message = f"{sending.function.logical} sends {detail!r} as Detail, which is no object of JSON"
        yield sending.function.finding(sending.call.line, message, "give json.dumps of a mapping")


def is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return "{{" in text


class Event(NamedTuple):
    """An event that code sends, or a state machine (`sent` is None): its bus, source and detail type.

    The bus is the stack's logical id or, of another, the name.
    """

    sent: Sent | None
    stack: Stack
    bus: str
    fields: Mapping[str, str]
    sender: str


WaitingRule = tuple[Stack, str, Mapping[str, Any], str]
"""An event rule: its stack, id, pattern and bus."""


def unheard(deployment: Deployment, sent: list[Sent]) -> Iterator[Finding]:
    """Find events that no rule takes while a rule waits for events that nobody sends.

    An event without a rule may be for others; a rule without events may be, too: both at once are one spelling.
    """
    events = [event for sending in sent if (event := known_event(sending))]
    machines = [event for stack in deployment.stacks for event in of_machines(stack)]
    if len(events) < len(sent) or None in machines:
        return
    known = [*events, *(event for event in machines if event)]
    rules = [
        (
            stack,
            logical,
            as_mapping(properties["EventPattern"]),
            bus_named(stack, properties.get("EventBusName", "default")),
        )
        for stack in deployment.stacks
        for logical, properties in stack.of_type("AWS::Events::Rule")
        if as_mapping(properties.get("EventPattern"))
    ]
    crossing = forwards(deployment)
    yield from misspelt(rules, known)
    idle = [rule for rule in rules if own(rule[2]) and not any(hears(rule, put, crossing) for put in known)]
    reported: set[tuple[str, ...]] = set()
    for event in known:
        near = [rule for rule in idle if rule[0] is event.stack and (event.sent or asks_for(rule[2], event.fields))]
        if near and not any(hears(rule, event, crossing) for rule in rules):
            who, waiting = event.sender, near[0][1]
            what = f"{event.fields['source']!r} / {event.fields['detail-type']!r} to the bus {event.bus}"
            message = f"{who} sends {what}, which no rule there takes, and nothing sends what {waiting} waits for"
            fix = "name bus, source and detail type alike in what sends and in the rule"
            if event.sent:
                yield event.sent.function.finding(event.sent.call.line, message, fix)
            elif (who, waiting, what) not in reported:
                reported.add((who, waiting, what))
                yield event.stack.finding(properties_path(waiting, "EventPattern"), message, fix)


def misspelt(rules: list[WaitingRule], known: list[Event]) -> Iterator[Finding]:
    """Find rules that hear no event of the stacks, but for spaces, hyphens or the case of letters in its names."""
    spelt = {plain(event.fields): event for event in known}
    for stack, logical, pattern, _ in rules:
        asked = [
            {"source": source, "detail-type": detail_type}
            for source in as_list(pattern.get("source", []))
            for detail_type in as_list(pattern.get("detail-type", []))
            if isinstance(source, str) and isinstance(detail_type, str)
        ]
        near = [(fields, spelt[plain(fields)]) for fields in asked if plain(fields) in spelt]
        if near and all(fields != event.fields for fields, event in near):
            fields, event = near[0]
            message = (
                f"{logical} waits for {fields['source']!r} / {fields['detail-type']!r}, and {event.sender} sends "
                f"{event.fields['source']!r} / {event.fields['detail-type']!r}"
            )
            path = properties_path(logical, "EventPattern")
            yield stack.finding(path, message, "spell source and detail type as they are sent")


def plain(fields: Mapping[str, str]) -> tuple[str, str]:
    """Return the letters and digits of a source and a detail type, all small."""
    source, detail_type = (re.sub(r"[^a-z0-9]", "", fields[key].lower()) for key in ("source", "detail-type"))
    return source, detail_type


def known_event(message: Sent) -> Event | None:
    source, detail_type, bus = message.text("Source"), message.text("DetailType"), message.to
    if not source or not detail_type or not bus:
        return None
    fields = {"source": source, "detail-type": detail_type}
    function = message.function
    return Event(message, function.stack, bus_named(function.stack, bus), fields, function.logical)


def bus_named(stack: Stack, name: Any) -> str:
    """Return the logical id of a bus of the stack by any of its names, else the name."""
    read = stack.evaluator.references.attribute
    named = (logical for logical, _ in stack.of_type(BUS) if str(name) == str(read(logical, "Name")))
    found = resource_of(stack, name, BUS) or next(named, None)
    return found or str(name).rpartition("/")[2]


def own(pattern: Mapping[str, Any]) -> bool:
    """Tell whether a pattern asks for sources by name, and for none of AWS's or a partner's."""
    sources = as_list(pattern.get("source", []))
    return bool(sources) and all(isinstance(source, str) and not source.startswith("aws.") for source in sources)


def of_machines(stack: Stack) -> Iterator[Event | None]:
    """Give the events that state machines of a stack put, None for what is only known when they run."""
    for machine in state_machines(stack):
        for state in all_states(machine):
            if not str(state.value.get("Resource", "")).endswith("events:putEvents"):
                continue
            entries = as_mapping(state.value.get("Arguments", state.value.get("Parameters"))).get("Entries")
            for entry in as_list(entries):
                fields = {name: as_mapping(entry).get(name) for name in ("Source", "DetailType")}
                known = [text for text in fields.values() if isinstance(text, str) and not text.startswith("{%")]
                if len(known) < len(fields):
                    yield None
                    continue
                bus = bus_named(stack, as_mapping(entry).get("EventBusName", "default"))
                fields_known = {"source": known[0], "detail-type": known[1]}
                yield Event(None, stack, bus, fields_known, machine.logical)


def forwards(deployment: Deployment) -> frozenset[tuple[str, str]]:
    """Return the buses to which a rule of the stacks sends events, each with its region."""
    rules = (properties for side in deployment.stacks for _, properties in side.of_type("AWS::Events::Rule"))
    to = (str(as_mapping(target).get("Arn")) for rule in rules for target in as_list(rule.get("Targets", [])))
    sides = {stack.scenario.region: stack for stack in deployment.stacks}
    found = ((arn.split(":")[3], arn) for arn in to if ":event-bus/" in arn)
    return frozenset((region, bus_named(sides[region], arn)) for region, arn in found if region in sides)


def hears(rule: WaitingRule, event: Event, crossing: frozenset[tuple[str, str]]) -> bool:
    region = rule[0].scenario.region
    own_region = region == event.stack.scenario.region
    if not (rule[3] == event.bus and own_region) and (region, rule[3]) not in crossing:
        return False
    return asks_for(rule[2], event.fields)


def asks_for(pattern: Mapping[str, Any], fields: Mapping[str, str]) -> bool:
    """Tell whether a pattern takes an event's source and detail type."""
    asked = {key: pattern[key] for key in ("source", "detail-type") if key in pattern}
    try:
        return matches(asked, fields)
    except (ValueError, TypeError, AttributeError):  # what is wrong with the pattern is for others to say
        return True
