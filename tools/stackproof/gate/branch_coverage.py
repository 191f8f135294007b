"""Which outcomes of conditions and which sides of Fn::If the scenarios take: what none takes is unproven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.automata.automaton import Undecided
from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Finding, Path
from stackproof.proof.branches import reaching
from stackproof.template.parameters import declarations

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
                message = f"in no scenario is condition {name} {_said(side)}"
                fix = _fix(template, stacks, ((name, side),))
                findings.append(_finding(template, ("Conditions", name), message, fix))
    for path, node in _branches(template.value, ()):
        if node["Fn::If"][0] in undecided:
            continue
        for side in (True, False):
            count += 1
            if (id(node), side) not in taken:
                chosen = (*path, "Fn::If", 1 if side else 2)
                named = node["Fn::If"][0]
                message = f"no scenario takes the {_said(side)} side of Fn::If {named}"
                member = template.value[path[0]][path[1]]
                beside = {member["Condition"]: True} if "Condition" in member else {}
                fix = _fix(template, stacks, tuple(sorted({**beside, named: side}.items())))
                findings.append(_finding(template, chosen, message, fix))
    return Coverage(count, tuple(findings))


def _said(side: bool) -> str:
    return "true" if side else "false"


def _fix(template: Document, stacks: Sequence[Stack], outcomes: tuple[tuple[str, bool], ...]) -> str:
    """Return the fix, with parameters that bring some outcomes about where they are known."""
    for partition in {stack.scenario.partition.name: stack.scenario.partition for stack in stacks}.values():
        try:
            values = reaching(template, partition, outcomes)
        except Undecided:
            continue
        if values is not None:
            declared = declarations(template)
            given = [f"{name}={text!r}" for name, text in values if name in declared and text != declared[name].default]
            region = dict(values).get("AWS::Region", "any region")
            return f"add a scenario that takes it, such as {' '.join([region, *given])}, or remove it"
    return "add a scenario that takes it, or remove it"


def _finding(template: Document, path: Path, message: str, fix: str) -> Finding:
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
