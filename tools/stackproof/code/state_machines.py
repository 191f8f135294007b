"""The state machines of a stack: their definitions, with what DefinitionSubstitutions put into them, and their states.

Source: CloudFormation Template Reference, AWS::StepFunctions::StateMachine; Amazon States Language specification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import is_unknown
from stackproof.foundation.values import properties_path
from stackproof.topology.texts import texts

KIND = "AWS::StepFunctions::StateMachine"
SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
JSONATA = re.compile(r"\{%(.*)%\}", re.DOTALL)
CONSTANT = re.compile(r"""\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*""")


@dataclass(frozen=True)
class StateMachine:
    """A state machine, its definition, and where that is written.

    `inside` tells whether the parts of the definition have places of their own: those of a text have not. The
    definition is {} where `unread` says why only AWS can read it, or `malformed` why nobody can.
    """

    logical: str
    role: Any
    definition: Mapping[str, Any]
    path: Path
    inside: bool
    substitutions: Mapping[str, str]
    used: frozenset[str]
    unread: str = ""
    malformed: str = ""

    def at(self, *parts: str | int) -> Path:
        """Return the path of a part of the definition, or of the whole where the part has no place of its own."""
        return (*self.path, *parts) if self.inside else self.path


class State(NamedTuple):
    """A state, the states beside it, and its place in the definition; `language` is JSONPath or JSONata."""

    name: str
    value: Mapping[str, Any]
    beside: Mapping[str, Any]
    path: tuple[str | int, ...]
    language: str

    def arguments(self) -> Any:
        """Return what a task gives to its service; a JSONPath key that takes a path ends in `.$`."""
        return self.value.get("Arguments" if self.language == "JSONata" else "Parameters", {})


class Scope(NamedTuple):
    """States that refer to each other: those of the machine, of a branch, of a map's items."""

    value: Mapping[str, Any]
    path: tuple[str | int, ...]
    language: str


@memoised
def state_machines(stack: Stack) -> tuple[StateMachine, ...]:
    return tuple(_read(logical, properties) for logical, properties in stack.of_type(KIND))


def _read(logical: str, properties: Mapping[str, Any]) -> StateMachine:
    substitutions = properties.get("DefinitionSubstitutions") or {}
    values = {str(name): _text(value) for name, value in substitutions.items()}
    key = next((key for key in ("Definition", "DefinitionString") if key in properties), "DefinitionS3Location")
    path, written = properties_path(logical, key), properties.get(key)
    role = properties.get("RoleArn")
    text = written if isinstance(written, str) else json.dumps(written)
    names = frozenset(SUBSTITUTION.findall(text))
    if key == "Definition" and isinstance(written, Mapping):
        return StateMachine(logical, role, _filled(written, values), path, True, values, names)
    definition: Any = {}
    unread, malformed = "", ""
    if key == "DefinitionS3Location":
        unread = "it is not in the template"
    elif is_unknown(text):
        unread = "it is no text of the template"
    else:
        try:
            definition = json.loads(_filled(text, values))
        except ValueError as error:
            malformed = f"it is not JSON: {error}"
    if not isinstance(definition, Mapping):
        definition, malformed = {}, "it is not a JSON object"
    return StateMachine(logical, role, definition, path, False, values, names, unread, malformed)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """Return a value with each `${Name}` of it replaced; what has no value stays."""
    if isinstance(value, str):
        return SUBSTITUTION.sub(lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, Mapping):
        return {_filled(key, values): _filled(member, values) for key, member in value.items()}
    return [_filled(member, values) for member in value] if isinstance(value, list) else value


def substituted_texts(stack: Stack) -> Iterator[tuple[Path, str]]:
    """Give the texts that DefinitionSubstitutions make of those of definitions, with their paths in the stack."""
    for machine in state_machines(stack):
        written = stack.resources[machine.logical].get("Properties", {}).get(machine.path[-1])
        before = dict(texts(written))
        for path, text in texts(machine.definition):
            if text != before.get(path) and (machine.inside or text not in before.get((), "")):
                yield machine.at(*path), text


def scopes(machine: StateMachine) -> Iterator[Scope]:
    """Give the machine's own states, then those of each branch and map in it, at any depth."""
    top = Scope(machine.definition, (), str(machine.definition.get("QueryLanguage", "JSONPath")))
    waiting = [top]
    while waiting:
        scope = waiting.pop(0)
        yield scope
        for state in states(scope):
            waiting += _inner(state)


def states(scope: Scope) -> Iterator[State]:
    """Give the states of a scope that are objects; others are for a check of the structure to find."""
    members = scope.value.get("States")
    beside: Mapping[str, Any] = members if isinstance(members, Mapping) else {}
    for name, value in beside.items():
        if isinstance(value, Mapping):
            language = str(value.get("QueryLanguage", scope.language))
            yield State(str(name), value, beside, (*scope.path, "States", name), language)


def _inner(state: State) -> Iterator[Scope]:
    branches = state.value.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, Mapping):
            yield Scope(branch, (*state.path, "Branches", index), state.language)
    for key in ("ItemProcessor", "Iterator"):
        if isinstance(state.value.get(key), Mapping):
            yield Scope(state.value[key], (*state.path, key), state.language)


def all_states(machine: StateMachine) -> Iterator[State]:
    for scope in scopes(machine):
        yield from states(scope)


def literal(value: Any, language: str) -> Any:
    """Return a value of a definition as it is when the machine runs, or None if only its run tells.

    In JSONata a text between `{%` and `%}` is worked out; one that is a single quoted text is known.
    """
    found = JSONATA.fullmatch(value) if isinstance(value, str) and language == "JSONata" else None
    if found:
        constant = CONSTANT.fullmatch(found[1])
        return next((group for group in constant.groups() if group is not None), "") if constant else None
    return value


def argument(state: State, name: str) -> tuple[bool, Any]:
    """Return whether a task gives a parameter, spelt with either case at its begin, and its value if that is known."""
    arguments = state.arguments()
    if not isinstance(arguments, Mapping):
        return True, None
    for spelt in (name, name[:1].upper() + name[1:], name[:1].lower() + name[1:]):
        if spelt in arguments:
            return True, literal(arguments[spelt], state.language)
        if state.language != "JSONata" and f"{spelt}.$" in arguments:
            return True, None
    return False, None
