"""Which outcomes of conditions and which sides of Fn::If the scenarios take: what none takes is unproven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from stackproof.automata.automaton import Undecided
from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Finding, Path
from stackproof.template.parameters import declarations

RULE = "scenario_coverage"


@dataclass(frozen=True)
class Coverage:
    """Sides of conditions and of Fn::If: how many there are, and a finding for each that no scenario takes."""

    sides: int
    untaken: tuple[Finding, ...]


class _Met(NamedTuple):
    """A side of a condition or of an Fn::If of one template: where, what to say of it, and whether it is taken."""

    key: object
    path: Path
    message: str
    outcomes: tuple[tuple[str, bool], ...]
    taken: bool


def measure(template: Document, stacks: Sequence[Stack]) -> Coverage:
    """Measure what the stacks of all scenarios take of the conditions and Fn::If of the template, or of their own.

    A condition that only AWS can decide in one of them is left out: the stack has a note about it. What stands at one
    place of a file counts once, though a loop makes several of it, and each scenario others.
    """
    met: dict[object, tuple[Document, Sequence[Stack], _Met]] = {}
    for each in dict.fromkeys([stack.template for stack in stacks] or [template]):
        its = [stack for stack in stacks if stack.template is each]
        for side in _sides(each, its):
            if side.taken or side.key not in met:
                met[side.key] = each, its, side
    untaken = (
        _finding(each, side.path, side.message, _fix(each, its, side.outcomes))
        for each, its, side in met.values()
        if not side.taken
    )
    return Coverage(len(met), tuple(untaken))


def _sides(template: Document, stacks: Sequence[Stack]) -> Iterator[_Met]:
    """Give the sides of one template; `key` is the same for what is made of one place of the text."""
    outcomes = {(name, holds) for stack in stacks for name, holds in stack.conditions.items()}
    taken = frozenset[tuple[int, bool]]().union(*(stack.taken for stack in stacks))
    undecided = {name for name, holds in outcomes if holds is None} | _of_cdk(template)
    alone = template.written is None
    for name in (name for name in template.value.get("Conditions", {}) if name not in undecided):
        path: Path = ("Conditions", name)
        for side in (True, False):
            message = f"in no scenario is condition {name} {_in_words(side)}"
            key = (template.path, name if alone else template.place(path), side)
            yield _Met(key, path, message, ((name, side),), (name, side) in outcomes)
    for path, node in _branches(template.value, ()):
        named = node["Fn::If"][0]
        member = template.value[path[0]][path[1]]
        beside = {member["Condition"]: True} if "Condition" in member else {}
        for side in (True, False) if named not in undecided else ():
            message = f"no scenario takes the {_in_words(side)} side of Fn::If {named}"
            chosen = (*path, "Fn::If", 1 if side else 2)
            key = (template.path, path if alone else template.place(chosen), side)
            wanted = tuple(sorted({**beside, named: side}.items()))
            yield _Met(key, chosen, message, wanted, (id(node), side) in taken)


def _of_cdk(template: Document) -> set[str]:
    """Return the conditions that CDK itself writes, which say only where it counts its users."""
    return {
        str(resource.get("Condition"))
        for resource in template.value["Resources"].values()
        if resource["Type"] == "AWS::CDK::Metadata"
    }


def _in_words(side: bool) -> str:
    return "true" if side else "false"


def _fix(template: Document, stacks: Sequence[Stack], outcomes: tuple[tuple[str, bool], ...]) -> str:
    """Return the fix, with parameters that bring some outcomes about where they are known."""
    from stackproof.proof.branches import reaching  # 10 ms, which only a side that none takes needs

    for partition in {stack.scenario.partition.name: stack.scenario.partition for stack in stacks}.values():
        try:
            values = reaching(template, partition, outcomes)
        except Undecided:
            continue
        if values is not None:
            declared = declarations(template)
            examples = [
                f"{name}={text!r}" for name, text in values if name in declared and text != declared[name].default
            ]
            region = dict(values).get("AWS::Region", "any region")
            return f"add a scenario that takes it, such as {' '.join([region, *examples])}, or remove it"
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
