"""The whole proof of one template: every rule in every scenario, and cfn-lint beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from stackproof import coverage, rules, scenario
from stackproof import template as templates
from stackproof.coverage import Coverage
from stackproof.deployment import Deployment, folded, resolved
from stackproof.document import Document
from stackproof.finding import CannotTell, Finding
from stackproof.promises import Subjects, Verdict, judge
from stackproof.rules import Rule
from stackproof.scenario import Pair
from stackproof.stack import Stack

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What the gate found. Exit codes: 0 kept, 1 broken, 2 cannot tell."""

    template: str
    pairs: tuple[Pair, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    coverage: Coverage | None = None
    linted: int | None = None
    findings: tuple[Finding, ...] = ()
    errors: tuple[CannotTell, ...] = ()

    @property
    def exit(self) -> int:
        return 2 if self.errors else 1 if self.findings else 0


def check(template_path: str, rules_folder: str, scenarios_path: str, *, lint: bool = True) -> Outcome:
    """Prove a template; whatever keeps the gate from telling is among the outcome's errors."""
    errors: list[CannotTell] = []
    template = _try(errors, lambda: templates.load(template_path))
    pairs = _try(errors, lambda: scenario.load(scenarios_path))
    found = _try(errors, lambda: rules.find(rules_folder))
    if template is None or pairs is None or found is None:
        return Outcome(template_path, pairs or (), errors=tuple(errors))
    return prove(template, pairs, found, lint=lint)


def prove(template: Document, pairs: tuple[Pair, ...], found: Sequence[Rule], *, lint: bool = True) -> Outcome:
    """Prove a template that has been read, with the pairs and rules given."""
    errors: list[CannotTell] = []
    folds = [deployment for pair in pairs if (deployment := _try(errors, partial(folded, template, pair)))]
    if errors:
        return Outcome(template.path, pairs, errors=_once(errors))
    running = _start_lint(template, folds) if lint else None
    deployments = [deployment for pair in pairs if (deployment := _try(errors, partial(resolved, template, pair)))]
    subjects = Subjects()
    verdicts = tuple(judge(rule, deployments, subjects) for rule in found) if not errors else ()
    stacks = [stack for deployment in deployments for stack in deployment.stacks]
    covered = coverage.measure(template, stacks) if not errors else None
    linted = _try(errors, running) if running else []
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    findings += [*(covered.untaken if covered else ()), *(linted or ())]
    errors += [error for verdict in verdicts for error in verdict.errors]
    return Outcome(
        template.path,
        pairs,
        verdicts,
        covered,
        len(folds) * 2 + 1 if lint else None,
        tuple(sorted(findings, key=_order)),
        _once(errors),
    )


def _start_lint(template: Document, folds: Sequence[Deployment]) -> Callable[[], list[Finding]]:
    """Start cfn-lint on the template and on every folded side; return what waits for its findings."""
    from stackproof.lint import start

    stacks: list[Stack] = [stack for deployment in folds for stack in deployment.stacks]
    run = start(template, stacks, sorted({stack.scenario.region for stack in stacks}))
    return run.finish


def _try(errors: list[CannotTell], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except CannotTell as error:
        errors.append(error)
        return None


def _once(errors: Iterable[CannotTell]) -> tuple[CannotTell, ...]:
    """Return one error a place: what all scenarios stumble over is said once."""
    kept: dict[object, CannotTell] = {}
    for error in errors:
        kept.setdefault(error.place or error.message, error)
    return tuple(kept.values())


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.place, finding.rule, finding.scenario, finding.side, finding.message)
