"""Small changes to a template, one value at a time: what a gate that guards the template has to notice."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.schemas import subschema
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Path, pointer

SECTIONS = ("Parameters", "Rules", "Conditions", "Resources", "Outputs")
FLIPPED = {
    "true": "false",
    "false": "true",
    "Enabled": "Disabled",
    "Disabled": "Enabled",
    "Allow": "Deny",
    "Deny": "Allow",
}
CODE = "ZipFile"


class Mutant(NamedTuple):
    """A change: where, what was done, and the new value (None where the value is removed)."""

    path: Path
    change: str
    value: Any

    @property
    def name(self) -> str:
        return f"{self.change} {pointer(self.path)}"

    @property
    def resource(self) -> str:
        return "/".join(str(key) for key in self.path[:2])


def mutants(template: Document) -> Iterator[Mutant]:
    """Give every mutant of a template's values, in the order of the text.

    Each value is removed, and changed: a boolean flipped, a number raised by one, a text emptied and flipped, misspelt
    or made another that the schema allows, a list or mapping emptied, a reference turned to another resource or
    parameter. Inline code is one value: what it does is for the tests of the handlers.
    """
    value = template.value
    for section in SECTIONS:
        for name, member in value.get(section, {}).items():
            yield from _below(value, member, (section, name))


def _below(template: Mapping[str, Any], value: Any, path: Path) -> Iterator[Mutant]:
    yield Mutant(path, "remove", None)
    for change, new in _changes(template, value, path):
        if new != value:
            yield Mutant(path, change, new)
    if path[-1] in (CODE, "Ref", "Fn::GetAtt"):
        return
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _below(template, member, (*path, key))


def _changes(template: Mapping[str, Any], value: Any, path: Path) -> Iterator[tuple[str, Any]]:
    if path[-1] == "Ref":
        yield "point elsewhere", _other(template, value)
    elif path[-1] == "Fn::GetAtt":
        yield "point elsewhere", [_other(template, value[0]), *value[1:]]
    elif isinstance(value, bool):
        yield "flip", not value
    elif isinstance(value, int | float):
        yield "raise", value + 1
    elif isinstance(value, str):
        yield "empty", ""
        allowed = _allowed(template, path)
        if value in allowed and len(allowed) > 1:
            yield "choose another", allowed[(allowed.index(value) + 1) % len(allowed)]
        elif value in FLIPPED:
            yield "flip", FLIPPED[value]
        else:
            yield "misspell", f"{value[: len(value) // 2]}x{value[len(value) // 2 :]}"
    elif value:
        yield "empty", type(value)()


def _allowed(template: Mapping[str, Any], path: Path) -> list[Any]:
    """Return the values that the schema of a resource's type allows at a path, as far as it lists them."""
    if path[0] != "Resources" or path[2:3] != ("Properties",):
        return []
    below: list[str | int] = []
    steps = iter(path[3:])
    for key in steps:
        if key == "Fn::If":
            next(steps, None)  # the side chosen
        else:
            below.append(key)
    return list(subschema(template["Resources"][path[1]]["Type"], tuple(below)).get("enum", []))


def _other(template: Mapping[str, Any], name: str) -> str:
    """Return another name that a reference could have: of the same type if there is one, else the next."""
    for section, kind in (("Resources", "Type"), ("Parameters", "Type")):
        declared = template.get(section, {})
        if name in declared:
            alike = [other for other, resource in declared.items() if resource.get(kind) == declared[name].get(kind)]
            names = alike if len(alike) > 1 else list(declared)
            return str(names[(names.index(name) + 1) % len(names)])
    return "AWS::AccountId" if name != "AWS::AccountId" else "AWS::Region"


def applied(template: Document, mutant: Mutant) -> dict[str, Any]:
    """Return the value of a template with one mutant in it."""
    return changed(template.value, mutant)


def changed(value: Mapping[str, Any], mutant: Mutant) -> dict[str, Any]:
    """Return the value of a template, changed by a mutant; what the mutant leaves alone is shared, not copied."""
    new: dict[str, Any] = dict(value)
    holder: Any = new
    for key in mutant.path[:-1]:
        holder[key] = copy.copy(holder[key])
        holder = holder[key]
    if mutant.change == "remove":
        del holder[mutant.path[-1]]
    else:
        holder[mutant.path[-1]] = mutant.value
    return new
