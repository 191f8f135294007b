"""The variables of a state machine that some way through its states leaves unassigned where they are used.

A state's expressions see what was assigned before it: what it assigns itself, what a branch or a Catch assigns, is seen
by the states behind. Source: Step Functions Developer Guide, "Passing data between states with variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.code.jsonata_variables import Use, assignments, uses
from stackproof.code.state_machines import Scope, State, StateMachine, scopes, states
from stackproof.topology.texts import texts

EXISTS = re.compile(r"\$exists\(\s*\$([A-Za-z_][A-Za-z0-9_]*)")
"""An expression that asks whether a variable is there may use it."""


class _Step(NamedTuple):
    """A way from a state to another, and what is assigned on it."""

    to: str
    assigned: frozenset[str]


def unassigned_on_a_way(machine: StateMachine) -> Iterator[Use]:
    """Give the uses of variables that are assigned in their scope, but not on every way to them."""
    for scope in scopes(machine):
        found = list(states(scope))
        own = {name for state in found for name in assignments(state)}
        known = _known(scope, found)
        for state in found if all(state.language == "JSONata" for state in found) else ():
            asked = {name for _, text in texts(dict(state.value)) for name in EXISTS.findall(text)}
            for use in uses(state, own):
                missing = use.name in own and use.name not in known.get(state.name, own)
                if missing and use.name not in asked:
                    yield use


def _known(scope: Scope, found: list[State]) -> dict[str, frozenset[str]]:
    """Return what is assigned, on whichever way, before each state that is reached."""
    start = str(scope.value.get("StartAt"))
    known: dict[str, frozenset[str]] = {start: frozenset()}
    steps = {state.name: list(_steps(state)) for state in found}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for step in steps.get(name, ()):
            here = known[name] | step.assigned
            before = known.get(step.to)
            after = here if before is None else before & here
            if after != before:
                known[step.to] = after
                waiting.append(step.to)
    return known


def _steps(state: State) -> Iterator[_Step]:
    for key in ("Next", "Default"):
        if isinstance(state.value.get(key), str):
            yield _Step(state.value[key], _assigned(state.value))
    for key in ("Choices", "Catch"):
        branches = state.value.get(key)
        for branch in branches if isinstance(branches, list) else ():
            if isinstance(branch, Mapping) and isinstance(branch.get("Next"), str):
                yield _Step(branch["Next"], _assigned(branch))


def _assigned(holder: Mapping[str, Any]) -> frozenset[str]:
    assigned = holder.get("Assign")
    return (
        frozenset(str(name).removesuffix(".$") for name in assigned) if isinstance(assigned, Mapping) else frozenset()
    )
