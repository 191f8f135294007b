"""Every rule at the ends of the ranges that numbers in parameters have, beside the scenarios' values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from stackproof.evaluation.acceptance import refusal, with_parameters
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair, Scenario, Stated
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.gate.outcome import Outcome, with_more
from stackproof.proof.ranges import corners, ranges
from stackproof.rules.runner import Subjects, run_rule
from stackproof.template.parameters import declarations


def with_corners(outcome: Outcome, template: Document) -> Outcome:
    """Return an outcome with what the rules say where numbers are at the ends of their ranges."""
    found = list(_at_corners(outcome, template))
    deployments = [item for item in found if isinstance(item, Deployment)]
    errors = [item for item in found if isinstance(item, CannotTell)]
    if not deployments:
        return with_more(outcome, [[] for _ in outcome.verdicts], errors)
    subjects = Subjects()
    return with_more(outcome, [[run_rule(verdict.rule, deployments, subjects)] for verdict in outcome.verdicts], errors)


def _at_corners(outcome: Outcome, template: Document) -> Iterator[Deployment | CannotTell]:
    """Give pairs of stacks with numbers at the ends of their ranges, in every partition of the scenarios."""
    for partition in {pair.source.partition.name: pair.source.partition for pair in outcome.pairs}.values():
        found = ranges(template, partition)
        pairs = [pair for pair in outcome.pairs if pair.source.partition == partition]
        owners = {owned.owner for owned in found}
        having = [
            deployment.name
            for deployment in outcome.deployments
            if any(owners <= side.resources.keys() for side in deployment.stacks)
        ]
        base = next((pair for pair in pairs if pair.name in having), pairs[0])
        for values in corners(found) if found else ():
            values_shown = " ".join(f"{name}={value}" for name, value in values.items())
            name = f"{base.name} with {values_shown}"
            source, target = (replace(with_parameters(side, values), name=name, stated=Stated()) for side in base.sides)
            if any(all(_has(template, side, values) for side in pair.sides) for pair in pairs):
                continue  # a scenario is there
            if not any(refusal(template, side) for side in (source, target)):
                try:
                    yield replace(resolved(template, Pair(name, source, target)), external=outcome.external)
                except CannotTell as error:
                    yield CannotTell(f"with {values_shown}, which is accepted: {error.message}", error.place, error.fix)


def _has(template: Document, side: Scenario, values: Mapping[str, str]) -> bool:
    """Tell whether a side has numbers at the ends of their ranges, given or by default."""
    declared = declarations(template)
    return all(side.parameters.get(name, declared[name].default) == value for name, value in values.items())
