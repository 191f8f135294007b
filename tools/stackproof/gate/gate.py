"""The whole proof of one template: every rule in every scenario, and cfn-lint beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path as FilePath
from typing import TypeVar

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, EvaluatedPair, evaluated
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding
from stackproof.gate import branch_coverage, refusals, suppressions
from stackproof.gate.branch_coverage import Coverage
from stackproof.gate.refusals import Refusal
from stackproof.gate.suppressions import Suppressed, Suppression
from stackproof.lint.run import Run
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Subjects, Verdict, run_rule
from stackproof.template import loader as templates

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What the gate found. Exit codes: 0 passes, 1 fails, 2 cannot tell.

    `path` names the template, `template` is what was read of it (None if it could not be), `deployments` the resolved
    stacks, of the pairs that could be worked out. `texts` are the files as they were read, by path: reports show these.
    """

    path: str
    pairs: tuple[Pair, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    coverage: Coverage | None = None
    linted: int = 0
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    errors: tuple[CannotTell, ...] = ()
    template: Document | None = field(default=None, repr=False)
    deployments: tuple[Deployment, ...] = field(default=(), repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def exit(self) -> int:
        return 2 if self.errors else 1 if self.findings else 0


@dataclass(frozen=True)
class Inputs:
    """Where the gate reads from: paths of files, and the day on which suppressions are judged."""

    template: str
    rules: str
    scenarios: str
    project: str
    today: date


def check(inputs: Inputs, *, lint: bool = True) -> Outcome:
    """Prove a template; whatever keeps the gate from telling is among the outcome's errors."""
    linter = Run() if lint else None
    try:
        return _checked(inputs, linter)
    finally:
        if linter:
            linter.stop()


def _checked(inputs: Inputs, linter: Run | None) -> Outcome:
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    template = _try(errors, lambda: templates.parse(_text(texts, inputs.template), inputs.template))
    stated = _try(
        errors, lambda: templates.parse_document(_text(texts, inputs.scenarios), inputs.scenarios, text_only=True)
    )
    pairs = _try(errors, partial(scenario.pairs_in, stated)) if stated else None
    refused = _try(errors, partial(refusals.refusals_in, stated)) if stated and pairs else ()
    found = _try(errors, partial(rule_files.discover, inputs.rules))
    texts |= {rule.path: rule.text for rule in found or ()}
    ignored = _try(errors, lambda: [*_ignored(texts, inputs.project)])
    if template is None or pairs is None or refused is None or found is None or ignored is None:
        return Outcome(inputs.template, pairs or (), errors=tuple(errors), template=template, texts=texts)
    outcome = replace(prove(template, pairs, found, refused, linter), texts=texts)
    return outcome if outcome.errors else _sifted(outcome, template, ignored, inputs.today)


def _text(texts: dict[str, str], path: str) -> str:
    """Read a file, and note what was read: nothing reads it a second time."""
    texts[path] = templates.read_text(path)
    return texts[path]


def _ignored(texts: dict[str, str], path: str) -> Iterable[Suppression]:
    return suppressions.in_toml(_text(texts, path), path) if FilePath(path).is_file() else ()


def prove(
    template: Document,
    pairs: tuple[Pair, ...],
    found: Sequence[Rule],
    refused: Sequence[Refusal],
    linter: Run | None = None,
) -> Outcome:
    """Prove a template that has been read, with the pairs, rules and refusals given; nothing is suppressed."""
    errors: list[CannotTell] = []
    texts = {template.path: template.text}
    both = [one for pair in pairs if (one := _try(errors, partial(evaluated, template, pair)))]
    folds = [deployment for one in both if (deployment := _try(errors, partial(_folded, one)))]
    if linter and not errors:
        stacks = [stack for deployment in folds for stack in deployment.stacks]
        linter.give(template, stacks, sorted({stack.scenario.region for stack in stacks}))
    deployments = [deployment for one in both if (deployment := _try(errors, partial(_resolved, one)))]
    if len(folds) < len(pairs):
        known = tuple(deployments)
        return Outcome(template.path, pairs, errors=_once(errors), template=template, deployments=known, texts=texts)
    verdicts: tuple[Verdict, ...] = ()
    covered = None
    if not errors:
        subjects = Subjects()
        verdicts = tuple(run_rule(rule, deployments, subjects) for rule in found)
        covered = branch_coverage.measure(
            template, [stack for deployment in deployments for stack in deployment.stacks]
        )
    linted = (_try(errors, linter.finish) if linter else None) or []
    judged = [finding for verdict in verdicts for finding in verdict.findings]
    accepted = refusals.check(template, refused)
    findings = sorted([*judged, *(covered.untaken if covered else ()), *accepted, *linted], key=_order)
    errors += [error for verdict in verdicts for error in verdict.errors]
    count = 2 * len(folds) + 1 if linter else 0
    return Outcome(
        template.path, pairs, verdicts, covered, count, tuple(findings),
        errors=_once(errors), template=template, deployments=tuple(deployments), texts=texts,
    )  # fmt: skip


def _folded(both: EvaluatedPair) -> Deployment:
    return both.folded


def _resolved(both: EvaluatedPair) -> Deployment:
    return both.resolved


def _sifted(outcome: Outcome, template: Document, ignored: list[Suppression], today: date) -> Outcome:
    """Take what is suppressed out of an outcome's findings, and put in what is wrong with the suppressions."""
    errors: list[CannotTell] = []
    inside = _try(errors, lambda: [*suppressions.in_template(template)])
    if inside is None:
        return replace(outcome, errors=tuple(errors))
    reported, suppressed = suppressions.apply(outcome.findings, [*inside, *ignored], today)
    return replace(outcome, findings=tuple(sorted(reported, key=_order)), suppressed=suppressed)


def _try(errors: list[CannotTell], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except CannotTell as error:
        errors.append(error)
        return None


def _once(errors: Iterable[CannotTell]) -> tuple[CannotTell, ...]:
    """Return each error once, though all scenarios meet it."""
    kept: dict[object, CannotTell] = {}
    for error in errors:
        kept.setdefault((error.place, error.message), error)
    return tuple(kept.values())


def _order(finding: Finding) -> tuple[object, ...]:
    return (finding.place, finding.rule, finding.scenario, finding.side, finding.message)
