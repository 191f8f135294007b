"""What each operation of a deployment creates, and in what order."""

from __future__ import annotations

from typing import NamedTuple

from stackproof.evaluation.acceptance import with_parameters
from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Side
from stackproof.foundation.ordering import batches
from stackproof.plan.operations import made
from stackproof.topology.dependencies import with_ids


class Creation(NamedTuple):
    """An operation: what it does, what it waits for, and in batches the resources that were not there before."""

    title: str
    why: tuple[str, ...]
    learned: tuple[str, ...]
    batches: tuple[tuple[str, ...], ...]

    @property
    def total(self) -> int:
        return sum(len(batch) for batch in self.batches)


def creations(template: Document, pair: Pair) -> list[Creation]:
    """Return what the operations that deploy a pair create; raise CannotTell where there is no such order."""
    known = with_ids(template, pair)
    there: dict[Side, set[str]] = {"source": set(), "target": set()}
    found = []
    for operation in made(template, pair).operations:
        side = operation.scenario.side
        if operation.learned:
            stack = known.source if side == "source" else known.target
        else:
            stack = resolve(template, with_parameters(operation.scenario, operation.values))
        new = [tuple(resource for resource in batch if resource not in there[side]) for batch in batches(stack.depends)]
        there[side] |= set(stack.resources)
        learned = tuple(f"{parameter} = {output} of the other stack" for parameter, output in operation.learned.items())
        found.append(Creation(operation.title, operation.why, learned, tuple(batch for batch in new if batch)))
    return found
