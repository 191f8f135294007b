"""Deployments of a template in other regions: one for each way in which its conditions tell regions apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

from stackproof.aws.regions import Partition, partitions
from stackproof.evaluation.acceptance import accepts
from stackproof.evaluation.deployment import Deployment, evaluated
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.evaluation.scope import Truth
from stackproof.evaluation.stack import evaluate
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.proof.accepted import regional, regions
from stackproof.template.parameters import declarations

Trait = Callable[[str], bool]
"""What matters of a region to who asks, such as whether it is an opt-in region."""


def elsewhere(deployment: Deployment, trait: Trait) -> Iterator[Deployment]:
    """Give a deployment in other regions that are accepted, once for each outcome of its conditions and the trait.

    Of the regions that conditions name each is tried on either side, and one of each trait that they do not name; of
    another partition, its first two. What the deployment itself brings about is left out. Only parameters that
    conditions or Rules compare with AWS::Region follow.
    """
    template = deployment.source.template
    pair = Pair(deployment.name, deployment.source.scenario, deployment.target.scenario)
    met = {_outcome(stack.scenario, stack.conditions, trait) for stack in deployment.stacks}
    for source, target in _places(template, pair, trait):
        try:
            moved = _moved(template, pair, source, target)
            sides = [new for new, old in zip(moved, pair.sides, strict=True) if new.region != old.region]
            # The conditions of a side that moves see the parameters of both.
            outcomes = {_outcome(side, evaluate(template, side).conditions.outcomes, trait) for side in sides}
            if not outcomes <= met:
                met |= outcomes
                yield evaluated(template, Pair(pair.name, *moved)).resolved
        except CannotTell:  # a region that the template rejects
            continue


def _outcome(side: Scenario, outcomes: Mapping[str, Truth], trait: Trait) -> object:
    return side.side, frozenset(outcomes.items()), trait(side.region)


def _places(template: Document, pair: Pair, trait: Trait) -> Iterator[tuple[str, str]]:
    source, target = (side.region for side in pair.sides)
    named = _texts(template.value.get("Conditions", {}))
    for partition in partitions():
        tried = _tried(partition, named, trait)
        if partition == pair.source.partition:
            yield target, source
            yield from ((region, target) for region in tried if region not in (source, target))
            yield from ((source, region) for region in tried if region not in (source, target))
        else:
            yield from permutations([region for region in tried if region in named][:2], 2)


def _tried(partition: Partition, named: frozenset[str], trait: Trait) -> list[str]:
    others = {trait(region): region for region in reversed(regions(partition)) if region not in named}
    return [region for region in regions(partition) if region in named or region in others.values()]


def _texts(node: Any) -> frozenset[str]:
    """Return every text in Conditions: regions are among them."""
    if isinstance(node, str):
        return frozenset((node,))
    members = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    return frozenset[str]().union(*map(_texts, members))


def _moved(template: Document, pair: Pair, source: str, target: str) -> tuple[Scenario, Scenario]:
    """Return both sides in other regions, with the parameters that name these; raise CannotTell if one is refused."""
    now = dict(zip((side.region for side in pair.sides), (source, target), strict=True))
    declared = declarations(template)
    sides = []
    for side in pair.sides:
        values = {name: side.parameters.get(name, declared[name].default) for name in regional(template)}
        new = {name: now[value] for name, value in values.items() if value in now}
        for name, value in new.items():
            if not accepts(declared[name], value):
                raise CannotTell(f"{name} does not accept {value}")
        sides.append(replace(side, region=now[side.region], parameters={**side.parameters, **new}))
    return sides[0], sides[1]
