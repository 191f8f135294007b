"""Every task of a state machine retries what passes, catches what does not, and ends where it waits for somebody.

A service that throttles or is away for a second fails an execution of days, unless its task retries. What still fails
ends the execution without a word, unless the task, or a state around it, catches it and can tell. A task that waits for
a job or a token waits for a year where nothing bounds it. A lambda is no exception: its service fails as others do.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.api import Deployment, Findings
from stackproof.code.state_machines import State, all_states, state_machines

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)
WIDE = {"States.ALL", "States.TaskFailed"}
"""Names that stand for whatever a service answers."""
BOUNDS = ("HeartbeatSeconds", "HeartbeatSecondsPath", "TimeoutSeconds", "TimeoutSecondsPath")
WAITING = (".sync", ".sync:2", ".waitForTaskToken")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            found = list(all_states(machine))
            catching = [state.path for state in found if errors(state, "Catch") & {"States.ALL"}]
            for state in found:
                if state.value.get("Type") != "Task":
                    continue
                path, name = machine.at(*state.path), f"the task {state.name} of {machine.logical}"
                if not errors(state, "Retry") & WIDE:
                    message = f"{name} does not retry what its service fails with"
                    yield stack.finding(path, message, "add Retry with ErrorEquals of States.TaskFailed")
                if not any(state.path[: len(around)] == around for around in catching):
                    message = f"nothing catches what {name} fails with"
                    yield stack.finding(path, message, "add Catch with ErrorEquals of States.ALL")
                if waits(state) and not any(key in state.value for key in BOUNDS):
                    message = f"{name} waits for an end that may never come"
                    yield stack.finding(path, message, "set TimeoutSeconds, or HeartbeatSeconds")


def errors(state: State, key: str) -> set[Any]:
    """Return the errors that a state retries or catches; a retry of no attempts is none."""
    rules = state.value.get(key)
    catchers = [rule for rule in (rules if isinstance(rules, list) else ()) if isinstance(rule, Mapping)]
    return {error for rule in catchers if rule.get("MaxAttempts") != 0 for error in rule.get("ErrorEquals", ())}


def waits(state: State) -> bool:
    resource = str(state.value.get("Resource", ""))
    return resource.endswith(WAITING) or ":activity:" in resource
