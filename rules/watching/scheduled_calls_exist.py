"""Every call that a schedule makes by itself is of an operation that there is, and gives what the operation needs.

EventBridge Scheduler takes the ARN of any call and any Input: a misspelt service, operation or parameter is found at
the hour of the schedule, and shows in a dead-letter queue at best. Calls that only read are not made.
Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
pack: core
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, as_mapping, properties_path
from stackproof.aws.botocore_files import operations
from stackproof.aws.sdk_services import client_of
from stackproof.code.call_arguments import misfits
from stackproof.iam.integrations import Integration, universal

APPLIES_TO = ("AWS::Scheduler::Schedule",)
READS = re.compile("(get|describe|list)(?=[A-Z])")
LITERAL = "JSONata"
"""The language of states in which a key is a key; texts of `{% %}` stand in no Input."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Scheduler::Schedule"):
            target = as_mapping(properties.get("Target"))
            called = universal(str(target.get("Arn")))
            if called:
                path = properties_path(logical, "Target")
                if fault := uncallable(called):
                    yield stack.finding((*path, "Arn"), f"{logical} calls {called}: {fault[0]}", fault[1])
                else:
                    yield from of_input(stack, logical, called, target.get("Input", "{}"), path)


def uncallable(called: Integration) -> tuple[str, str] | None:
    client, operation = client_of(called.service), called.operation
    if not client:
        return f"no service is known as {called.service!r}", "write its name in the AWS SDK, in small letters"
    named = operation[:1].upper() + operation[1:]
    if named not in operations(client) or operation == named:
        near = next((name for name in operations(client) if name.lower() == operation.lower()), "")
        fix = f"write {near[:1].lower()}{near[1:]}" if near else "write the operation's name, its first letter small"
        return f"{called.service} has no operation {operation!r}", fix
    return ("it only reads, which Scheduler does not do", "call a function") if READS.match(operation) else None


def of_input(stack: Stack, logical: str, called: Integration, text: object, path: Path) -> Iterator[Finding]:
    try:
        arguments = json.loads(str(text))
    except ValueError:
        message = f"{logical} calls {called} with an Input that is no JSON"
        yield stack.finding((*path, "Input"), message, "write an object of JSON")
        return
    for misfit in misfits(called.service, called.operation, arguments, LITERAL):
        at = (*path, "Input") if "Input" in as_mapping(stack.resources[logical]["Properties"]["Target"]) else path
        yield stack.finding(at, f"{logical} calls {called}: {misfit.message}", misfit.fix)
