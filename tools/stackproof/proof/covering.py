"""Stacks for combinations of conditions: parameters that reach each, and few of them that cover what goes together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from stackproof.automata import search
from stackproof.automata.automaton import Undecided
from stackproof.aws.regions import Partition
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.foundation.document import Document
from stackproof.foundation.memo import memoised
from stackproof.proof.accepted import language, regional
from stackproof.proof.reachable import (
    Combination,
    Space,
    TooMany,
    combinations_of,
    outcomes_of,
    possible,
    satisfy,
    space,
)
from stackproof.template.parameters import declarations

EACH = 64
"""So many combinations are all covered; of more, each two outcomes that go together."""

Outcomes = tuple[tuple[str, bool], ...]


class Reached(NamedTuple):
    """A combination of conditions, and the stack that has it: its region, and the parameters that are not defaults."""

    outcomes: Outcomes
    region: str
    parameters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        true = ", ".join(name for name, outcome in self.outcomes if outcome) or "no condition"
        parameters = " ".join(f"{name}={value}" for name, value in self.parameters)
        return f"{true} true: {self.region}{f' with {parameters}' if parameters else ''}"


def preferred(pairs: Sequence[Pair]) -> tuple[tuple[str, str], ...]:
    """Return the values that scenarios give, which make good examples, in their order."""
    stated = [
        (name, value)
        for pair in pairs
        for side in pair.sides
        for name, value in (("AWS::Region", side.region), *side.parameters.items())
    ]
    return tuple(dict.fromkeys(stated))


@memoised
def reached(
    template: Document, partition: Partition, examples: tuple[tuple[str, str], ...] = ()
) -> tuple[Reached, ...]:
    """Return every combination of conditions that a stack in a partition can have, each with a stack that has it.

    `examples` are values to take where they serve. Where the combinations are too many to be listed, some are returned
    in which each two outcomes stand together that can. Raises Undecided where a value is not known.
    """
    try:
        found = combinations_of(template, partition, examples)
    except TooMany:
        found = tuple(_by_questions(template, partition, examples))
    return tuple(_reached(template, partition, combination, examples) for combination in found)


def _by_questions(
    template: Document, partition: Partition, examples: tuple[tuple[str, str], ...]
) -> Iterator[Combination]:
    """Give combinations until each two outcomes have stood together that can, asking for a few at a time."""
    whole = space(template, partition, examples)
    outcomes = [(name, outcome) for name in whole.statements.conditions for outcome in (True, False)]
    met: set[frozenset[tuple[str, bool]]] = set()
    for first, second in combinations(outcomes, 2):
        if first[0] != second[0] and frozenset((first, second)) not in met:
            values = satisfy(whole, possible(whole, dict((first, second))))
            if values is not None:
                found = _filled(whole, {first[0]: first[1], second[0]: second[1]}, values, met)
                met |= set(map(frozenset, combinations(found.outcomes, 2)))
                yield found


def _filled(
    whole: Space,
    fixed: dict[str, bool],
    values: tuple[tuple[str, str], ...],
    met: set[frozenset[tuple[str, bool]]],
) -> Combination:
    """Return a combination with some outcomes; of the others each is so that most two stand together anew."""
    for name in whole.statements.conditions:
        if name not in fixed:
            for outcome in sorted((True, False), key=lambda each: _new(fixed, (name, each), met), reverse=True):
                found = satisfy(whole, possible(whole, {**fixed, name: outcome}))
                if found is not None:
                    fixed, values = {**fixed, name: outcome}, found
                    break
    return Combination(outcomes_of(whole, dict(values)), values)


def _new(fixed: Mapping[str, bool], outcome: tuple[str, bool], met: set[frozenset[tuple[str, bool]]]) -> int:
    return sum(frozenset((outcome, other)) not in met for other in fixed.items())


def _reached(
    template: Document, partition: Partition, combination: Combination, examples: tuple[tuple[str, str], ...]
) -> Reached:
    values = dict(combination.values)
    parameters: dict[str, str] = {}
    for name, parameter in declarations(template).items():
        value = values.get(name)
        if value is None and parameter.default is None:
            value = example(template, partition, name, examples)
        if value is not None and value != parameter.default:
            parameters[name] = value
    region = values.get("AWS::Region") or example(template, partition, "AWS::Region", examples)
    return Reached(combination.outcomes, region, tuple(parameters.items()))


def example(template: Document, partition: Partition, name: str, examples: Sequence[tuple[str, str]]) -> str:
    """Return a value that a parameter accepts, one of the examples if it can be."""
    known = language(template, partition, name)
    for named, value in examples:
        if named == name and known.allows(len(value)) and known.loose.accepts(value):
            return value
    found = search.shortest(known.texts)
    if found is None or known.wider:
        raise Undecided(known.wider or f"{name} accepts no value")
    return found


def covering(found: Sequence[Reached]) -> list[Reached]:
    """Return all combinations if they are few, else some in which each two outcomes stand together that can."""
    if len(found) <= EACH:
        return list(found)
    left = {pair for combination in found for pair in combinations(combination.outcomes, 2)}
    together = {combination: set(combinations(combination.outcomes, 2)) for combination in found}
    chosen: list[Reached] = []
    while left:
        best = max(found, key=lambda combination: len(together[combination] & left))
        chosen.append(best)
        left -= together[best]
    return chosen


def sides(template: Document, pair: Pair) -> Mapping[str, str]:
    """Return the parameters that name the regions of a pair's sides: {"source": …, "target": …}, if there are any."""
    found: dict[str, str] = {}
    for name in sorted(regional(template)):
        value = pair.source.parameters.get(name, declarations(template)[name].default)
        for side in pair.sides:
            if value == side.region:
                found.setdefault(side.side, name)
    return found


def pairs_of(template: Document, base: Pair, found: Sequence[Reached]) -> Iterator[tuple[Reached, Pair]]:
    """Give for each combination the pair of stacks, like a scenario's, of which one has it."""
    naming = sides(template, base)
    for number, combination in enumerate(found, 1):
        parameters = dict(combination.parameters)
        regions: dict[str, str] = {side.side: side.region for side in base.sides}
        for side, name in naming.items():
            regions[side] = parameters.get(name) or declarations(template)[name].default or regions[side]
        if combination.region not in regions.values():
            regions = {"source": combination.region, "target": base.target.region}
        source, target = (
            Scenario(f"combination {number}", side.side, regions[side.side], side.account, side.stack, parameters)
            for side in base.sides
        )
        if source.region != target.region:
            yield combination, Pair(source.name, source, target)
