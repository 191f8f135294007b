"""The numbers that parameters give to properties, and the corners of what they may be together.

What rules compare of numbers (capacity with load, timeouts and ages with each other) are sums, and products with
constants: linear in each parameter. A linear relation that holds at all corners of the ranges holds everywhere between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from stackproof.automata.automaton import Undecided
from stackproof.automata.numbers import extremes
from stackproof.aws.regions import Partition
from stackproof.foundation.document import Document
from stackproof.foundation.memo import memoised
from stackproof.proof.accepted import finite, language
from stackproof.proof.properties import Property, properties
from stackproof.proof.texts import Part, Unknown, readings

TOGETHER = 3
"""So many parameters have all their corners tried; of more each is tried alone."""


class Range(NamedTuple):
    """The least and the greatest number that a parameter gives to a property, and the resource that first has it."""

    name: str
    least: int
    most: int
    owner: str


@memoised
def ranges(template: Document, partition: Partition) -> tuple[Range, ...]:
    """Return the parameters that are numbers of properties and may have more than one value.

    A parameter without a greatest number goes up to what its property takes; without that it has no end to try.
    """
    found: dict[str, Range] = {}
    for target in properties(template):
        if any(demanded.is_numeric for demanded in target.demanded):
            for name in _parameters_of(template, partition, target):
                if name not in found and (ends := _ends(template, partition, target, name)):
                    found[name] = Range(name, *ends, target.owner)
    return tuple(span for span in found.values() if span.least < span.most)


def _parameters_of(template: Document, partition: Partition, target: Property) -> Iterator[str]:
    """Give the parameters whose value is the property's."""
    try:
        known = list(readings(template, partition, target.node, lambda name: finite(template, partition, name), {}))
    except (Undecided, Unknown):
        return
    for reading in known:
        if len(reading.text) == 1 and isinstance(part := reading.text[0], Part) and not part.operations:
            yield part.name


def _ends(template: Document, partition: Partition, target: Property, name: str) -> tuple[int, int] | None:
    try:
        found = extremes(language(template, partition, name).texts)
    except Undecided:
        return None
    if found is None:
        return None
    limits = [demanded.whole[1] for demanded in target.demanded if demanded.whole and demanded.whole[1] is not None]
    return found[0], found[1] if found[1] is not None else min(limits, default=found[0])


def corners(found: tuple[Range, ...]) -> Iterator[Mapping[str, str]]:
    """Give the values at the corners of what some parameters may be."""
    if len(found) <= TOGETHER:
        for values in product(*((span.least, span.most) for span in found)):
            yield {span.name: str(value) for span, value in zip(found, values, strict=True)}
    else:
        yield from ({span.name: str(value)} for span in found for value in (span.least, span.most))
