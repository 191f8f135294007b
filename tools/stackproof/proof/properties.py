"""The properties of a template that are one text formed by functions, and what AWS demands of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.foundation.document import Document
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.proof.constraints import EXPORTED, Constraint, constraints
from stackproof.template.section_check import functions


class Property(NamedTuple):
    """A value of the template that is one text formed by functions: where it stands, and what AWS demands of it."""

    path: Path
    node: Any
    condition: str
    demanded: tuple[Constraint, ...]

    @property
    def owner(self) -> str:
        return str(self.path[1])

    @property
    def called(self) -> str:
        """The property as a message names it, without the sides of Fn::If."""
        keys = [str(key) for key in self.path[1:] if isinstance(key, str) and key not in ("Properties", "Fn::If")]
        return ".".join(keys)


@memoised
def properties(template: Document) -> tuple[Property, ...]:
    """Return the properties, and the names of exports, that a function forms and of which AWS demands something."""
    calls = functions(template).calls
    found: list[Property] = []
    for logical, resource in template.value["Resources"].items():
        kind, condition = resource["Type"], resource.get("Condition", "")
        start: tuple[Path, Path] = (("Resources", logical, "Properties"), ())
        for path, below, node in _formed(resource.get("Properties", {}), *start, calls):
            if demanded := constraints(kind, below):
                found.append(Property(path, node, condition, demanded))
    for name, output in template.value.get("Outputs", {}).items():
        node = output.get("Export", {}).get("Name")
        if id(node) in calls:
            path = ("Outputs", name, "Export", "Name")
            found.append(Property(path, node, output.get("Condition", ""), EXPORTED))
    return tuple(found)


def _formed(node: Any, path: Path, below: Path, calls: Mapping[int, str]) -> Iterator[tuple[Path, Path, Any]]:
    """Give each value that a function forms, with its path in the template and below the properties."""
    name = calls.get(id(node))
    if name == "Fn::If" and not _is_text(node, calls):
        for side in (1, 2):
            yield from _formed(node["Fn::If"][side], (*path, "Fn::If", side), below, calls)
    elif name is not None:
        yield path, below, node
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from _formed(item, (*path, key), (*below, key), calls)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _formed(item, (*path, index), (*below, index), calls)


def _is_text(node: Any, calls: Mapping[int, str]) -> bool:
    """Tell whether both sides of a Fn::If are texts, functions, or nothing."""
    sides = node["Fn::If"][1:]
    return all(_is_text(side, calls) if calls.get(id(side)) == "Fn::If" else _plain(side, calls) for side in sides)


def _plain(side: Any, calls: Mapping[int, str]) -> bool:
    return not isinstance(side, dict | list) or id(side) in calls
