"""Whether the definition of a state machine is sound: what Step Functions would refuse, and what would never end.

Source: Amazon States Language specification, https://states-language.net/spec.html; Step Functions Developer Guide,
"Using Amazon States Language to define Step Functions workflows", "Transforming data with JSONata".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.code.jsonata_states import unknown_fields
from stackproof.code.jsonata_syntax import unreadable_because
from stackproof.code.jsonata_variables import unassigned
from stackproof.code.state_machines import JSONATA, Scope, State, StateMachine, all_states, scopes, states
from stackproof.code.variable_flow import unassigned_on_a_way
from stackproof.topology.texts import texts

TYPES = ("Choice", "Fail", "Map", "Parallel", "Pass", "Succeed", "Task", "Wait")
ENDS = ("Fail", "Succeed")
LONGEST_NAME = 80
OF_PATHS = {"InputPath", "OutputPath", "Parameters", "ResultPath", "ResultSelector"}
OF_JSONATA = {"Arguments", "Output"}
SYNTAX = {
    "JSONata": (OF_PATHS, "is of JSONPath; use Arguments, Assign and Output"),
    "JSONPath": (OF_JSONATA, "is of JSONata; set QueryLanguage to JSONata, or use Parameters and ResultSelector"),
}
WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
COMPARISONS = ("BooleanEquals", "IsBoolean", "IsNull", "IsNumeric", "IsPresent", "IsString", "IsTimestamp")
"""Tests of JSONPath that take true or false: with one branch for each, no input is left over."""


ERRORS = (
    *("States.ALL", "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold"),
    *("States.HeartbeatTimeout", "States.Http.Socket", "States.IntrinsicFailure", "States.ItemReaderFailed"),
    *("States.NoChoiceMatched", "States.ParameterPathFailure", "States.Permissions", "States.QueryEvaluationError"),
    *("States.ResultPathMatchFailure", "States.ResultWriterFailed", "States.Runtime", "States.TaskFailed"),
    "States.Timeout",
)
"""Source: Step Functions Developer Guide, "Handling errors in Step Functions workflows", "Error names"."""
RETRY_NUMBERS = {
    "IntervalSeconds": (1, 99_999_999),
    "MaxAttempts": (0, 99_999_999),
    "BackoffRate": (1, 99_999_999),
    "MaxDelaySeconds": (1, 31_622_399),
}
"""What each number of a Retry is from and to. Source: the same chapter, "Retrying after an error"."""


class Fault(NamedTuple):
    """A part of a definition that is not sound, what is wrong with it, and what to do."""

    path: tuple[str | int, ...]
    message: str
    fix: str


def faults(machine: StateMachine) -> Iterator[Fault]:
    """Give what is not sound in a definition that could be read."""
    yield from _substitutions(machine)
    for use in unassigned(machine):
        message = f"an expression uses ${use.name}, which is neither a function of JSONata nor assigned by a state"
        yield Fault(use.path, message, f"assign {use.name} in a state before it")
    for use in unassigned_on_a_way(machine):
        message = f"an expression uses ${use.name}, which is not assigned on every way there"
        yield Fault(use.path, message, f"assign {use.name} on each way that leads there")
    names: dict[str, int] = {}
    for scope in scopes(machine):
        yield from _scope(scope)
    for state in all_states(machine):
        names[state.name] = names.get(state.name, 0) + 1
        if names[state.name] == 2:
            yield Fault(state.path, f"two states are named {state.name!r}", "give each state of a machine its own name")
        yield from _state(state)


def _substitutions(machine: StateMachine) -> Iterator[Fault]:
    for name in sorted(machine.used - machine.substitutions.keys()):
        message = f"the definition has ${{{name}}}, which DefinitionSubstitutions does not give"
        yield Fault((), message, f"add {name} to DefinitionSubstitutions")
    for name in sorted(machine.substitutions.keys() - machine.used):
        message = f"DefinitionSubstitutions gives {name}, which the definition does not have"
        yield Fault((), message, f"remove {name}, or use ${{{name}}}")


def _scope(scope: Scope) -> Iterator[Fault]:
    beside, start = scope.value.get("States"), scope.value.get("StartAt")
    if not isinstance(beside, Mapping) or not beside:
        yield Fault(scope.path, "it has no States", "add States, an object of one state or more")
        return
    for name, value in beside.items():
        if not isinstance(value, Mapping):
            yield Fault((*scope.path, "States", name), f"the state {name!r} is no object", "write it as an object")
    if start not in beside:
        message = f"StartAt is {start!r}, which is no state" if start is not None else "it does not say StartAt"
        yield Fault(scope.path, message, f"set StartAt to one of {', '.join(map(str, beside))}")
        return
    found = list(states(scope))
    if all(_ends(state) or _whole(state) for state in found):
        yield from _ways(found, str(start))


def _ways(found: list[State], start: str) -> Iterator[Fault]:
    """Check that each state is reached and leads to an end; a broken link is told, not what it cuts off."""
    follows = {state.name: [str(name) for _, name in targets(state)] for state in found}
    reached = _reach({start}, follows)
    for state in found:
        if state.name not in reached:
            yield Fault(
                state.path, f"no state leads to {state.name}", f"let a state lead to {state.name}, or remove it"
            )
    back: dict[str, list[str]] = {}
    for name, others in follows.items():
        for other in others:
            back.setdefault(other, []).append(name)
    ended = _reach({state.name for state in found if _ends(state)}, back)
    for state in found:
        if state.name in reached and state.name not in ended:
            message = f"from {state.name} no state is reached that ends"
            yield Fault(state.path, message, "let a state behind it end: End, Succeed or Fail")


def _reach(begin: set[str], follows: Mapping[str, list[str]]) -> set[str]:
    met, waiting = set(begin), list(begin)
    while waiting:
        for state in follows.get(waiting.pop(), ()):
            if state not in met:
                met.add(state)
                waiting.append(state)
    return met


def _ends(state: State) -> bool:
    return state.value.get("Type") in ENDS or state.value.get("End") is True


def _whole(state: State) -> bool:
    """Tell whether a state leads somewhere, and all that it leads to is there."""
    goes_on = "Choices" in state.value if state.value.get("Type") == "Choice" else "Next" in state.value
    return goes_on and all(name in state.beside for _, name in targets(state))


def targets(state: State) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Give the states that a state leads to, each with its place."""
    for key in ("Next", "Default"):
        if key in state.value:
            yield (*state.path, key), state.value[key]
    for key in ("Choices", "Catch"):
        branches = state.value.get(key)
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            if isinstance(branch, Mapping) and "Next" in branch:
                yield (*state.path, key, index, "Next"), branch["Next"]


def _state(state: State) -> Iterator[Fault]:
    kind = state.value.get("Type")
    if kind not in TYPES:
        yield Fault(state.path, f"{state.name} has the Type {kind!r}", f"set Type to one of {', '.join(TYPES)}")
        return
    if len(state.name) > LONGEST_NAME:
        yield Fault(state.path, f"the name {state.name} has more than {LONGEST_NAME} letters", "shorten it")
    for path, name in targets(state):
        if name not in state.beside:
            fix = f"name one of {', '.join(map(str, state.beside))}"
            yield Fault(path, f"{state.name} leads to {name!r}, which is no state beside it", fix)
    for field in unknown_fields(state):
        message = f"an expression of {state.name} reads {field.name}, which there is not there"
        yield Fault(field.path, message, f"read one of {', '.join(field.known)}")
    yield from _unreadable(state)
    yield from _way_on(state, str(kind))
    yield from _fields(state, str(kind))
    yield from _retries(state)


def _unreadable(state: State) -> Iterator[Fault]:
    own = {key: value for key, value in state.value.items() if key not in ("Branches", "ItemProcessor", "Iterator")}
    for path, text in texts(own) if state.language == "JSONata" else ():
        found = JSONATA.fullmatch(text)
        why = unreadable_because(found[1]) if found and "{{" not in text else ""
        if why:
            message = f"an expression of {state.name} cannot be read: {why}"
            yield Fault((*state.path, *path), message, "write an operator between two values, and close each bracket")


def _way_on(state: State, kind: str) -> Iterator[Fault]:
    """Check that a state has the one way on that its type has."""
    stated = [key for key in ("Next", "End") if key in state.value]
    if kind == "Choice":
        yield from _choice(state)
    if kind in (*ENDS, "Choice"):
        for key in stated:
            yield Fault((*state.path, key), f"{state.name} is a {kind}, which takes no {key}", f"remove {key}")
    elif len(stated) != 1 or ("End" in stated and state.value["End"] is not True):
        yield Fault(state.path, f"{state.name} says neither Next nor End, or both", "set Next, or End to true")


def _choice(state: State) -> Iterator[Fault]:
    branches = state.value.get("Choices")
    if not isinstance(branches, list) or not branches:
        yield Fault(state.path, f"{state.name} has no Choices", "add a branch")
        return
    for index, branch in enumerate(branches):
        if not isinstance(branch, Mapping) or "Next" not in branch:
            yield Fault((*state.path, "Choices", index), f"a branch of {state.name} has no Next", "name a state")
        elif state.language == "JSONata" and not _decides(branch.get("Condition")):
            message = f"a branch of {state.name} has no Condition that comes to true or false"
            yield Fault((*state.path, "Choices", index), message, "write it as {% ... %}")
    if "Default" not in state.value and not _exhaustive(state, branches):
        message = f"{state.name} has no Default: where no condition holds, the execution fails with NoChoiceMatched"
        yield Fault(state.path, message, "add Default")


def _decides(condition: Any) -> bool:
    return isinstance(condition, bool) or (isinstance(condition, str) and JSONATA.fullmatch(condition) is not None)


def _exhaustive(state: State, branches: list[Any]) -> bool:
    """Tell whether some branch is always taken: one that is true whatever comes, or one for true and one for false.

    Other pairs of conditions may leave nothing over too; they are told by their Default.
    """
    rules = [branch for branch in branches if isinstance(branch, Mapping)]
    if state.language == "JSONata":
        return any(str(rule.get("Condition")).strip("{}% ") == "true" for rule in rules)
    tests = {(rule.get("Variable"), key, rule[key]) for rule in rules for key in COMPARISONS
             if isinstance(rule.get(key), bool)}  # fmt: skip
    return any((variable, key, not value) in tests for variable, key, value in tests)


def _fields(state: State, kind: str) -> Iterator[Fault]:
    foreign, why = SYNTAX.get(state.language, (set(), ""))
    for key in sorted(foreign & state.value.keys()):
        yield Fault(
            (*state.path, key), f"{state.name} has {key}, which {why.partition(';')[0]}", why.partition("; ")[2]
        )
    if state.language not in SYNTAX:
        yield Fault(state.path, f"QueryLanguage is {state.language!r}", "set it to JSONata or JSONPath")
    if kind == "Task" and not isinstance(state.value.get("Resource"), str):
        yield Fault(state.path, f"{state.name} is a Task without a Resource", "name what it calls")
    if kind == "Wait" and len([key for key in WAITS if key in state.value]) != 1:
        yield Fault(
            state.path, f"{state.name} does not say in one way how long it waits", f"set one of {', '.join(WAITS)}"
        )
    inner = {"Parallel": ("Branches",), "Map": ("ItemProcessor", "Iterator")}.get(kind, ())
    if inner and not any(state.value.get(key) for key in inner):
        yield Fault(state.path, f"{state.name} is a {kind} without {inner[0]}", f"add {inner[0]}")


def _retries(state: State) -> Iterator[Fault]:
    """Check what is retried and caught: by errors that there are, with numbers that are taken, to some state.

    States.ALL stands alone, and last: what is behind it is never met.
    """
    for key in ("Retry", "Catch"):
        rules = state.value.get(key)
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            stated = rule if isinstance(rule, Mapping) else {}
            errors, path = stated.get("ErrorEquals"), (*state.path, key, index)
            if not isinstance(errors, list) or not errors:
                yield Fault(path, f"a {key} of {state.name} has no ErrorEquals", "name errors")
                continue
            if "States.ALL" in errors and (len(errors) > 1 or index + 1 < len(rules or ())):
                yield Fault(
                    path, f"States.ALL of {state.name} is not alone, or not last", "let it stand alone, and last"
                )
            for error in (
                str(error_name)
                for error_name in errors
                if str(error_name).startswith("States.") and error_name not in ERRORS
            ):
                message = f"a {key} of {state.name} names {error}, which is none of the errors of States"
                yield Fault(path, message, f"name one of {', '.join(ERRORS)}")
            if key == "Catch" and "Next" not in stated:
                yield Fault(path, f"a Catch of {state.name} has no Next", "name a state")
            yield from _numbers(stated, path, state.name) if key == "Retry" else ()


def _numbers(rule: Mapping[str, Any], path: tuple[str | int, ...], name: str) -> Iterator[Fault]:
    for key, (least, most) in RETRY_NUMBERS.items():
        value = rule.get(key, least)
        whole = isinstance(value, int) or (key == "BackoffRate" and isinstance(value, float))
        if isinstance(value, bool) or not whole or not least <= value <= most:
            message = f"{key} of a Retry of {name} is {value!r}, which is not {least} to {most}"
            yield Fault((*path, key), message, f"give {least} to {most}")
    if rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
        yield Fault((*path, "JitterStrategy"), f"JitterStrategy of {name} is neither FULL nor NONE", "give one of them")
