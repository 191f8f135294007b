"""A function reads of its event only what its senders put there, in the form in which they deliver it.

A field that no sender puts into the event raises KeyError in every call: the records of a queue have a `body`, in
lower-case letters, those of a topic `Sns`; a queue that is subscribed to a topic gets SNS's envelope, whose text
`Message` holds what was published, or, where delivery is raw, what was published alone.
Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.event_reading import PARSED, FieldRead, fields_read
from stackproof.code.inline import Inline, for_each_function, inline_functions
from stackproof.monitoring.delivery import EVENTS, messages, subscriptions
from stackproof.monitoring.event_shapes import lacks, queue_of, shape_at, shapes_of
from stackproof.topology.event_sources import consumers, function_of

APPLIES_TO = ("AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::SNS::Subscription", "AWS::S3::Bucket")
BODY = ("Records", "[]", "body", PARSED)
GONE = {"detail", "detail-type"}
"""Fields of an event's envelope that what an input path leaves does not have; details have none such."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        functions = (function for function in inline_functions(stack) if function.runtime.startswith("python"))
        yield from for_each_function(functions, partial(of_function, deployment))


def of_function(deployment: Deployment, function: Inline) -> Iterator[Finding]:
    stack = function.stack
    senders = shapes_of(deployment, stack, function.logical)
    if not senders:
        return
    kinds = {name: resource["Type"] for side in deployment.stacks for name, resource in side.resources.items()}
    read = list(fields_read(function))
    yield from of_input_paths(deployment, function, read)
    by_rule = {kinds.get(name) for name, _ in senders} == {"AWS::Events::Rule"}  # inputs_read speaks of those
    met: set[str] = set()
    for reading in read:
        missing = [lacks(shape, reading.path) for _, shape in senders]
        if all(missing) and missing[0] not in met and not by_rule:
            met.add(missing[0])
            who = ", ".join(dict.fromkeys(name for name, _ in senders))
            cut = reading.path[: reading.path.index(missing[0]) + 1]
            there = ", ".join(sorted({field for _, shape in senders for field in shape_at(shape, cut)}))
            message = f"{function.logical} reads {missing[0]!r} of what {who} sends it, which has {there}"
            yield function.finding(reading.line, message, "read a field that is there, or change what is delivered")
    yield from of_raw(deployment, function, read)


def of_input_paths(deployment: Deployment, function: Inline, read: list[FieldRead]) -> Iterator[Finding]:
    """Find fields of an event's envelope that an input path has cut off."""
    sent = [
        arriving
        for side in deployment.stacks
        for arriving in messages(side)
        if arriving.service == EVENTS and function_of(function.stack, arriving.to) == function.logical
    ]
    paths = []
    for sending in sent:
        rule = sending.stack.resources[str(sending.path[1])].get("Properties", {})
        paths.append(str(rule["Targets"][int(sending.path[4])].get("InputPath", "$")))
    if sent and len(set(paths)) == 1 and paths[0].startswith("$.detail"):
        for field in read:
            if field.path[0] in GONE:
                message = (
                    f"{function.logical} reads {field.path[0]!r}, of which {sent[0].path[1]} hands {paths[0]} alone"
                )
                yield function.finding(field.line, message, "remove InputPath, or read what is left")
                return


def of_raw(deployment: Deployment, function: Inline, read: list[FieldRead]) -> Iterator[Finding]:
    """Find SNS's envelope read from a queue to which all of its topics deliver raw."""
    opened = [reading for reading in read if reading.path[:5] == (*BODY, "Message") and reading.path[5:6] == (PARSED,)]
    ending = [reading for reading in read if reading.path in ((*BODY, "TopicArn"), (*BODY, "Message"))]
    for consumer in consumers(function.stack, "AWS::SQS::Queue"):
        if consumer.function == function.logical:
            forms = [
                found.properties.get("RawMessageDelivery")
                for side in deployment.stacks
                for found in subscriptions(side)
                if found.properties.get("Protocol") == "sqs"
                and queue_of(function.stack, found.properties.get("Endpoint")) == consumer.source
            ]
            if forms and all(str(form).lower() == "true" for form in forms) and ending and (opened or envelope(read)):
                message = f"{function.logical} reads SNS's envelope of {consumer.source}, to which topics deliver raw"
                yield function.finding(ending[0].line, message, "set RawMessageDelivery to false, or read the body")


def envelope(read: list[FieldRead]) -> bool:
    return any(reading.path[:5] in ((*BODY, "TopicArn"), (*BODY, "Message")) for reading in read)
