"""One mutant put to the rules and scenarios: whether anything notices it, the likeliest tried first.

Most mutants are noticed by the rule that noticed the one before, in any scenario that has the changed value. So a
mutant is put to a few rules in one scenario first, then to the others, and only what nothing has noticed by then to
everything. A finding in one scenario is a finding of the gate, so the order changes nothing but who is named first;
that a rule applies to nothing is asked only of all scenarios together.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.gate import branch_coverage, refusals
from stackproof.gate.mutants import Mutant, applied
from stackproof.gate.refusals import Refusal
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Subjects, run_rule
from stackproof.template import loader as templates

SURVIVED = ""
CANNOT_TELL = "cannot tell"
LIKELY = 12
"""How many rules are tried first."""


class History:
    """Which rules noticed mutants nearby, and how long each rule takes."""

    def __init__(self, rules: Sequence[Rule], types: dict[str, str]) -> None:
        self.rules = {rule.name: rule for rule in rules}
        self.types = types
        self.seconds = dict.fromkeys(self.rules, 0.0)
        self.nearby: defaultdict[object, Counter[str]] = defaultdict(Counter)

    def note(self, mutant: Mutant, by: str) -> None:
        """Remember that a rule noticed a mutant."""
        if by in self.rules:
            for key in self._keys(mutant):
                self.nearby[key][by] += 1

    def order(self, mutant: Mutant) -> list[Rule]:
        """Return the rules as they are worth trying: those that noticed the nearest mutants, then the quick ones."""
        names: dict[str, None] = {}
        for key in self._keys(mutant):
            names |= dict.fromkeys(name for name, _ in self.nearby[key].most_common())
        names |= dict.fromkeys(sorted(self.rules, key=self.seconds.__getitem__))
        return [self.rules[name] for name in names]

    def _keys(self, mutant: Mutant) -> Iterator[object]:
        """Give what a mutant has in common with others: its place in any resource of its type, the more the nearer."""
        kind = self.types.get(str(mutant.path[1]), "") if mutant.path[0] == "Resources" else mutant.path[0]
        names = tuple(key for key in mutant.path[2:] if isinstance(key, str))
        yield kind, names, mutant.change
        for length in range(len(names), -1, -1):
            yield kind, names[:length]
        yield ()


@dataclass(frozen=True, eq=False)
class Bench:
    """What mutants are put to: rules, scenarios, and the deployments of the unchanged template, a pair each."""

    template: Document
    pairs: tuple[Pair, ...]
    rules: tuple[Rule, ...]
    refused: tuple[Refusal, ...]
    required: frozenset[str]
    unchanged: list[Deployment] = field(default_factory=list)

    @cached_property
    def history(self) -> History:
        resources = self.template.value.get("Resources", {})
        return History(self.rules, {name: str(resource.get("Type")) for name, resource in resources.items()})

    def prepare(self) -> str:
        """Put the unchanged template to everything: return what it is not right by, "" if it passes."""
        try:
            self.unchanged[:] = [resolved(self.template, pair) for pair in self.pairs]
            return self._by_all(self.template, self.unchanged, self.rules)
        except CannotTell:
            return CANNOT_TELL

    def noticed(self, mutant: Mutant) -> str:
        """Return the rule that notices a mutant first, "cannot tell", or "" if nothing notices it."""
        try:
            text = json.dumps(applied(self.template, mutant))
            template = templates.parse(text, f"{self.template.path}.json")
            by = self._noticed(mutant, template)
        except CannotTell:
            by = CANNOT_TELL
        self.history.note(mutant, by)
        return by

    def _noticed(self, mutant: Mutant, template: Document) -> str:
        if any(refusals.check(template, self.refused)):
            return refusals.RULE
        order = self.history.order(mutant)
        subjects = Subjects()
        made: dict[int, Deployment] = {}
        first = next(self._changed(template, made), None)
        if first is not None:
            by = self._by_any(order, [first], subjects)
            if by:
                return by
        others = [deployment for deployment in self._changed(template, made) if deployment is not first]
        by = self._by_any(order[:LIKELY], others, subjects)
        return by or self._by_all(template, [made[number] for number in sorted(made)], order, subjects)

    def _changed(self, template: Document, made: dict[int, Deployment]) -> Iterator[Deployment]:
        """Give the deployments that a mutant changes; what is worked out goes to `made` by the pair's number."""
        for number, pair in enumerate(self.pairs):
            if number not in made:
                made[number] = resolved(template, pair)
            before = self.unchanged[number].stacks
            if any(new.value != old.value for new, old in zip(made[number].stacks, before, strict=True)):
                yield made[number]

    @staticmethod
    def _by_any(rules: Sequence[Rule], deployments: Sequence[Deployment], subjects: Subjects) -> str:
        """Return the first rule that finds something, or cannot tell, in some of the deployments."""
        for rule in rules if deployments else ():
            verdict = run_rule(rule, deployments, subjects)
            if verdict.errors or verdict.findings:
                return rule.name
        return SURVIVED

    def _by_all(
        self,
        template: Document,
        deployments: Sequence[Deployment],
        rules: Sequence[Rule],
        subjects: Subjects | None = None,
    ) -> str:
        """Return what notices a template in all deployments: a rule, or the coverage of its branches."""
        subjects = subjects or Subjects()
        stacks = [stack for deployment in deployments for stack in deployment.stacks]
        if branch_coverage.measure(template, stacks).untaken:
            return branch_coverage.RULE
        for rule in rules:
            start = time.perf_counter()
            verdict = run_rule(rule, deployments, subjects)
            self.history.seconds[rule.name] += time.perf_counter() - start
            if verdict.errors or verdict.findings or (verdict.unmet and rule.name in self.required):
                return rule.name
        return SURVIVED
