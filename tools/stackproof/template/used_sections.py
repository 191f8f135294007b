"""The parts of a template that some of its conditions are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from stackproof.foundation.document import Document
from stackproof.template.sub_text import Variable, pieces


def sections_of_conditions(template: Document, names: Collection[str]) -> dict[str, Any]:
    """Return the Parameters, Mappings and Conditions, as written, that the named conditions need, and no others."""
    conditions = template.value["Conditions"]
    needed = dict.fromkeys(names)
    waiting = [*needed]
    parameters: dict[str, None] = {}
    with_mappings = False
    while waiting:
        for function, argument in _calls(conditions[waiting.pop()]):
            if function == "Condition" and argument not in needed:
                needed[argument] = None
                waiting.append(argument)
            with_mappings |= function == "Fn::FindInMap"
            parameters.update(dict.fromkeys(_references(function, argument)))
    declared = template.value.get("Parameters", {})
    return {
        **_section("Parameters", {name: parameter for name, parameter in declared.items() if name in parameters}),
        **_section("Mappings", template.value.get("Mappings", {}) if with_mappings else {}),
        "Conditions": {name: condition for name, condition in conditions.items() if name in needed},
    }


def _section(name: str, members: dict[str, Any]) -> dict[str, Any]:
    return {name: members} if members else {}


def _calls(node: Any) -> Iterator[tuple[str, Any]]:
    """Give each key of the mappings in a condition with its value: the functions are among them."""
    if isinstance(node, dict):
        for key, item in node.items():
            yield key, item
            yield from _calls(item)
    elif isinstance(node, list):
        for item in node:
            yield from _calls(item)


def _references(function: str, argument: Any) -> Iterator[str]:
    if function == "Ref" and isinstance(argument, str):
        yield argument
    if function == "Fn::Sub":
        text = argument if isinstance(argument, str) else argument[0]
        yield from (piece.name for piece in pieces(text) if isinstance(piece, Variable))


def calls_any_of(value: Any, names: frozenset[str]) -> bool:
    """Tell whether a value calls one of some functions somewhere."""
    if isinstance(value, dict):
        return not names.isdisjoint(value) or any(calls_any_of(member, names) for member in value.values())
    return isinstance(value, list) and any(calls_any_of(member, names) for member in value)
