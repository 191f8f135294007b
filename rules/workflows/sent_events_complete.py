"""Every event that a state machine puts on a bus has a source, a type and a detail, and the source is no one of AWS.

The model of PutEvents lets each of them be left out; EventBridge then fails the entry, and the execution goes on or
fails by how the task looks at FailedEntryCount. A source that begins with aws. belongs to services.
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack
from stackproof.code.state_machines import State, StateMachine, all_states, literal, state_machines
from stackproof.iam.integrations import integration

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)
NEEDED = ("Source", "DetailType", "Detail")
LONGEST_TYPE = 128


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            for state in all_states(machine):
                called = integration(str(state.value.get("Resource", "")))
                if called and (called.service, called.operation) in {
                    ("events", "putEvents"),
                    ("eventbridge", "putEvents"),
                }:
                    yield from of_task(stack, machine, state)


def of_task(stack: Stack, machine: StateMachine, state: State) -> Iterator[Finding]:
    arguments = state.arguments()
    entries = arguments.get("Entries") if isinstance(arguments, Mapping) else None
    key = "Arguments" if state.language == "JSONata" else "Parameters"
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        path = machine.at(*state.path, key, "Entries", index)
        for message, fix in faults(entry, state.language) if isinstance(entry, Mapping) else ():
            yield stack.finding(path, f"the task {state.name} of {machine.logical} puts an event {message}", fix)


def faults(entry: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    for name in NEEDED:
        if name not in entry and not (language != "JSONata" and f"{name}.$" in entry):
            yield f"without {name}", f"give {name}"
        elif literal(entry.get(name), language) == "":
            yield f"with an empty {name}", f"give {name}"
    source, kind = (str(literal(entry.get(name), language) or "") for name in NEEDED[:2])
    if source.startswith("aws."):
        yield f"of the source {source}, which begins as those of services", "begin it with a name of your own"
    if len(kind) > LONGEST_TYPE:
        yield f"of a type of {len(kind)} letters, more than {LONGEST_TYPE}", "shorten DetailType"
