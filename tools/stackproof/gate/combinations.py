"""Every rule on stacks of all combinations of conditions, or of a few that cover them, beside the scenarios' own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stackproof.automata.automaton import Undecided
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.gate.outcome import Outcome, with_more
from stackproof.proof.covering import Reached, covering, pairs_of, preferred, reached, sides
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Subjects, Verdict, run_rule

PARTNERS = 32
"""So many stacks are tried on the other side of one that fails a rule."""


def with_combinations(outcome: Outcome, template: Document) -> Outcome:
    """Return an outcome with what the rules say of a covering set of the combinations that its partitions have."""
    notes: list[str] = []
    errors: list[CannotTell] = []
    more: list[list[Verdict]] = [[] for _ in outcome.verdicts]
    for base in {pair.source.partition.name: pair for pair in reversed(outcome.pairs)}.values():
        try:
            every = reached(template, base.source.partition, preferred(outcome.pairs))
        except Undecided as error:
            where = template.place(("Conditions",))
            errors.append(CannotTell(f"the combinations of conditions are undecided: {error.reason}", where))
            continue
        work = _Work(template, base, every, Subjects(), outcome.external)
        chosen = covering(every)
        new = list(work.new(chosen, outcome.deployments))
        for verdict, verdicts in zip(outcome.verdicts, more, strict=True):
            verdicts.extend(work.verdicts(verdict.rule, new))
        notes += _notes(base, every, chosen, len(new), outcome.deployments)
    return with_more(outcome, more, errors, notes)


def _notes(
    base: Pair, every: Sequence[Reached], chosen: Sequence[Reached], count: int, deployments: Sequence[Deployment]
) -> Iterator[str]:
    """Say how many combinations there are, and which of them no scenario has."""
    partition = base.source.partition.name
    covers = "all" if len(chosen) == len(every) else f"{len(chosen)} that cover each two outcomes"
    yield f"{partition}: {len(every)} combinations of conditions, {covers} checked in {count} pairs of stacks more"
    names = {tuple(stack.conditions.items()) for deployment in deployments for stack in deployment.stacks}
    yield from (f"no scenario has: {combination}" for combination in every if combination.outcomes not in names)


@dataclass(frozen=True)
class _Work:
    """The combinations of one partition, and a pair of stacks that the others are like."""

    template: Document
    base: Pair
    every: Sequence[Reached]
    subjects: Subjects
    external: tuple[str, ...] | None = ()

    def new(self, chosen: Sequence[Reached], known: Sequence[Deployment]) -> Iterator[tuple[Reached, Deployment]]:
        """Give the pairs of stacks that differ from those known, and from each other."""
        met = {_body(deployment) for deployment in known}
        outcomes = set()
        for combination, pair in pairs_of(self.template, self.base, chosen):
            if (combination.region, combination.outcomes) in outcomes:
                continue
            deployment = self.resolved(pair) or next(self.others(combination, pair), None)
            if deployment is None:
                continue
            outcomes |= {(stack.scenario.region, tuple(stack.conditions.items())) for stack in deployment.stacks}
            body = _body(deployment)
            if body not in met:
                met.add(body)
                yield combination, deployment

    def verdicts(self, rule: Rule, new: Sequence[tuple[Reached, Deployment]]) -> Iterator[Verdict]:
        """Give what a rule says of each pair; a stack fails it only if it does with every other side."""
        for combination, deployment in new:
            verdict = run_rule(rule, [deployment], self.subjects)
            if verdict.findings or verdict.errors:
                others = self.others(
                    combination, Pair(deployment.name, *(stack.scenario for stack in deployment.stacks))
                )
                found = (run_rule(rule, [other], self.subjects) for other in others)
                verdict = next((other for other in found if not other.findings and not other.errors), verdict)
            yield verdict

    def others(self, combination: Reached, pair: Pair) -> Iterator[Deployment]:
        """Give pairs in which the other side has other parameters, as far as they go together."""
        own = next((side for side in pair.sides if side.region == combination.region), pair.source)
        other = pair.target if own is pair.source else pair.source
        named = bool(sides(self.template, self.base))
        partners = [each for each in self.every if not named or each.region == other.region]
        for partner in partners[:PARTNERS]:
            theirs = replace(other, parameters=dict(partner.parameters))
            found = self.resolved(Pair(pair.name, *((own, theirs) if own is pair.source else (theirs, own))))
            if found is not None:
                yield found

    def resolved(self, pair: Pair) -> Deployment | None:
        """Return the stacks of a pair, None if the template refuses its parameters."""
        try:
            return replace(resolved(self.template, pair), external=self.external)
        except CannotTell:
            return None


def _body(deployment: Deployment) -> str:
    return json.dumps([stack.value for stack in deployment.stacks], sort_keys=True, default=str)
