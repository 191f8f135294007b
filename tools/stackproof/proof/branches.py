"""Which outcomes of conditions and which sides of Fn::If no accepted value can bring about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.proof.reachable import possible, satisfy, space
from stackproof.template.section_check import functions

Outcomes = tuple[tuple[str, bool], ...]


class Impossible(NamedTuple):
    """A condition that is never so, or a side of Fn::If that is never taken, with what leads to it and never is."""

    path: Path
    condition: str
    outcome: bool
    beside: Outcomes


@memoised
def reaching(template: Document, partition: Partition, outcomes: Outcomes) -> tuple[tuple[str, str], ...] | None:
    """Return values of the parameters with which conditions come out so, None if there are none; raise Undecided."""
    whole = space(template, partition)
    return satisfy(whole, possible(whole, dict(outcomes)))


@memoised
def impossible(template: Document, partition: Partition) -> tuple[Impossible, ...]:
    """Return what no accepted value brings about in a partition; raise Undecided."""
    return tuple(_impossible(template, partition))


def _impossible(template: Document, partition: Partition) -> Iterator[Impossible]:
    for path, beside, condition in _choices(template):
        for outcome in (True, False):
            asked = tuple(sorted({**beside, condition: outcome}.items()))
            if condition in beside and beside[condition] is not outcome:
                reached = False
            else:
                reached = reaching(template, partition, asked) is not None
            if not reached:
                yield Impossible(path, condition, outcome, tuple(beside.items()))


def _choices(template: Document) -> Iterator[tuple[Path, Mapping[str, bool], str]]:
    """Give each condition, and each Fn::If with the outcomes of the conditions around it."""
    for name in template.value.get("Conditions", {}):
        yield ("Conditions", name), {}, name
    for section in ("Resources", "Outputs"):
        for name, member in template.value.get(section, {}).items():
            beside = {member["Condition"]: True} if "Condition" in member else {}
            yield from _within(member, (section, name), beside, functions(template).calls)


def _within(
    node: Any, path: Path, beside: Mapping[str, bool], calls: Mapping[int, str]
) -> Iterator[tuple[Path, Mapping[str, bool], str]]:
    if calls.get(id(node)) == "Fn::If":
        condition = node["Fn::If"][0]
        yield path, beside, condition
        for side in (1, 2):
            inner = {**beside, condition: side == 1}
            if beside.get(condition, side == 1) is (side == 1):
                yield from _within(node["Fn::If"][side], (*path, "Fn::If", side), inner, calls)
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from _within(item, (*path, key), beside, calls)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _within(item, (*path, index), beside, calls)
