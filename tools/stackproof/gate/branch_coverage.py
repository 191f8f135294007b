"""Which outcomes of conditions and which sides of Fn::If the scenarios take: what none takes is unproven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Finding, Path

RULE = "scenario_coverage"


@dataclass(frozen=True)
class Coverage:
    """Sides of conditions and of Fn::If: how many there are, and a finding for each that no scenario takes."""

    sides: int
    untaken: tuple[Finding, ...]


def measure(template: Document, stacks: Sequence[Stack]) -> Coverage:
    """Measure what the stacks of all scenarios take of the template's conditions and Fn::If.

    A condition that only AWS can decide in one of them is left out: the stack has a note about it.
    """
    outcomes = {(name, holds) for stack in stacks for name, holds in stack.conditions.items()}
    taken = frozenset[tuple[int, bool]]().union(*(stack.taken for stack in stacks))
    undecided = {name for name, holds in outcomes if holds is None}
    findings: list[Finding] = []
    count = 0
    for name in (one for one in template.value.get("Conditions", {}) if one not in undecided):
        for side in (True, False):
            count += 1
            if (name, side) not in outcomes:
                findings.append(
                    _finding(template, ("Conditions", name), f"in no scenario is condition {name} {_said(side)}")
                )
    for path, node in _branches(template.value, ()):
        if node["Fn::If"][0] in undecided:
            continue
        for side in (True, False):
            count += 1
            if (id(node), side) not in taken:
                chosen = (*path, "Fn::If", 1 if side else 2)
                named = node["Fn::If"][0]
                findings.append(
                    _finding(template, chosen, f"no scenario takes the {_said(side)} side of Fn::If {named}")
                )
    return Coverage(count, tuple(findings))


def _said(side: bool) -> str:
    return "true" if side else "false"


def _finding(template: Document, path: Path, message: str) -> Finding:
    fix = "add a scenario that takes it, or remove it"
    return Finding(RULE, template.place(path), "", "both", message, fix, path, severity="info")


def _branches(value: dict[str, Any], path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give every Fn::If of the sections that may hold one, in the order of the text."""
    for section in ("Resources", "Outputs"):
        yield from _found(value.get(section), (*path, section))


def _found(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(node, dict):
        if "Fn::If" in node:
            yield path, node
        for key, item in node.items():
            yield from _found(item, (*path, key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _found(item, (*path, index))
