"""Every task of a state machine calls an operation that is there, with what it takes, in the machine's own region.

Step Functions checks neither when the stack is created: a misspelt service, operation or parameter, a value that is
none of those allowed, or a resource of the other region fails when the task first runs. Calls across regions do not
exist: what is elsewhere is reached by a function. A task that waits to be called back sends its token along: without
it nobody can.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Stack
from stackproof.code.call_arguments import misfits
from stackproof.code.state_machines import State, StateMachine, all_states, state_machines
from stackproof.iam.integrations import UnknownCallError, accesses, integration

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            for state in all_states(machine):
                if state.value.get("Type") == "Task":
                    yield from of_task(stack, machine, state)


def of_task(stack: Stack, machine: StateMachine, state: State) -> Iterator[Finding]:
    path, name = machine.at(*state.path), f"the task {state.name} of {machine.logical}"
    called = integration(str(state.value.get("Resource", "")))
    try:
        needed = [] if "Credentials" in state.value else list(accesses(stack, state, ""))
    except UnknownCallError as unknown:
        if called is None or called.sdk or not called.fact("actions"):
            yield stack.finding(path, f"{name}: {unknown.what}", unknown.fix)
        needed = []
    resource = str(state.value.get("Resource", ""))
    if resource.endswith(".waitForTaskToken") and not holds_token(state.arguments()):
        message = f"{name} waits to be called back, and hands nobody its token"
        fix = "send $states.context.Task.Token, in JSONPath $$.Task.Token under a key that ends in .$"
        yield stack.finding(path, message, fix)
    for access in needed:
        region = [*access.resource.split(":", 5), *[""] * 6][3]
        if region not in ("", "*", stack.scenario.region):
            message = f"{name} calls {access.resource}, which is not in {stack.scenario.region}"
            yield stack.finding(path, message, "call a function that reaches the other region")
    if called and called.sdk:
        key = "Arguments" if state.language == "JSONata" else "Parameters"
        for misfit in misfits(called.service, called.operation, state.arguments(), state.language):
            at = machine.at(*state.path, *((key, *misfit.path) if key in state.value else ()))
            yield stack.finding(at, f"{name}: {misfit.message}", misfit.fix)


def holds_token(value: Any, key: str = "") -> bool:
    """Tell whether the token of a task, or the whole context that has it, stands in what the task gives.

    In JSONPath it is under a key that ends in `.$`. No state before the task has its token.
    Source: AWS Step Functions Developer Guide, "Wait for a Callback with Task Token".
    """
    if isinstance(value, Mapping):
        return any(holds_token(inner, str(name)) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return any(holds_token(inner, key) for inner in value)
    text = str(value)
    if text.startswith("{%"):
        return re.search(r"states\.context(\.Task(\.Token)?)?\b(?!\.)", text) is not None
    return key.endswith(".$") and ("$$.Task.Token" in text or text in ("$$", "$$.Task"))
