"""What all tasks of a state machine do alike but one, that one does too.

Tasks retry and time out alike, and those that call the same service give it the same arguments but for what each is
about. Where one of four or more differs from what all the others share, it was copied and edited, or forgotten when the
others were changed: an interval of its own, an event of another type.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
pack: house
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack
from stackproof.code.state_machines import State, StateMachine, all_states, state_machines

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)
FEW = 4
"""So many tasks make a habit."""
OF_ALL = ("Retry", "TimeoutSeconds", "HeartbeatSeconds", "Output", "Catch")
OF_CATCH = ("ErrorEquals", "Output")
"""What of a Catch tasks do alike: where it leads and what it assigns is each task's own."""
OF_CALLS = ("Arguments", "Parameters")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            tasks = [state for state in all_states(machine) if state.value.get("Type") == "Task"]
            calls: dict[str, list[State]] = defaultdict(list)
            for state in tasks:
                calls[str(state.value.get("Resource"))].append(state)
            yield from odd(stack, machine, tasks, OF_ALL)
            for beside in calls.values():
                yield from odd(stack, machine, beside, OF_CALLS)


def odd(stack: Stack, machine: StateMachine, tasks: Sequence[State], keys: Sequence[str]) -> Iterator[Finding]:
    """Find tasks that differ from what all the others share, or lack what all the others have."""
    if len(tasks) < FEW:
        return
    values = [dict(leaves({key: part(task, key) for key in keys if key in task.value}, ())) for task in tasks]
    for path in dict.fromkeys(path for leaf in values for path in leaf):
        having = [leaf for leaf in values if path in leaf]
        if len(having) < len(tasks) - 1:
            continue
        value, count = Counter(repr(leaf[path]) for leaf in having).most_common(1)[0]
        called = ".".join(str(key) for key in path)
        for task, leaf in zip(tasks, values, strict=True):
            if path not in leaf:
                message = f"the task {task.name} of {machine.logical} has no {called}, as all the others have"
                yield stack.finding(machine.at(*task.path), message, f"add {called}")
            elif count == len(tasks) - 1 and repr(leaf[path]) != value:
                message = f"{called} of the task {task.name} of {machine.logical} is {leaf[path]!r:.60}"
                message += f", and {value:.60} in all the others"
                yield stack.finding(machine.at(*task.path, *path), message, "do as the others do")


def part(task: State, key: str) -> Any:
    value = task.value[key]
    if key != "Catch" or not isinstance(value, list):
        return value
    return [{name: catch[name] for name in OF_CATCH if name in catch} for catch in value if isinstance(catch, Mapping)]


def leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Give each value that holds no others, and each mapping and list as what it is, with its path."""
    members = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if path:
        yield path, value if members is None else type(value).__name__
    for key, item in members or ():
        yield from leaves(item, (*path, key))
