"""The whole proof of a template, or of all of a project: every rule in every scenario, and cfn-lint beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path as FilePath
from typing import TypeVar

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, EvaluatedPair, evaluated
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell
from stackproof.gate import branch_coverage, refusals, suppressions
from stackproof.gate.combinations import with_combinations
from stackproof.gate.corners import with_corners
from stackproof.gate.joining import joined
from stackproof.gate.outcome import Outcome, each_once, in_order
from stackproof.gate.project import Member
from stackproof.gate.refusals import Refusal
from stackproof.gate.suppressions import Suppression
from stackproof.lint.run import Run
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import AppliesToNothing, Subjects, Verdict, run_rule
from stackproof.template import loader as templates
from stackproof.template.body import INLINE_LIMIT, minified

T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """Where the gate reads from: paths of files, and the day on which suppressions are judged.

    Without `guard` the rules written in Guard are left out, which a note of the outcome says. With `combinations` the
    rules are put to stacks of all combinations of conditions as well.
    """

    template: str
    rules: str
    scenarios: str
    project: str
    today: date
    every_rule: bool = True
    further: tuple[Member, ...] = ()
    guard: bool = True
    combinations: bool = False

    @property
    def members(self) -> tuple[Member, ...]:
        return (Member(self.template, self.scenarios, self.every_rule), *self.further)


def check(inputs: Inputs, *, lint: bool = True) -> Outcome:
    """Prove a template and the further ones; whatever keeps the gate from telling is among the outcome's errors."""
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    found = _try(errors, partial(rule_files.discover, inputs.rules))
    texts |= {rule.path: rule.text for rule in found or ()}
    left_out = [rule.name for rule in found or () if rule.is_guard and not inputs.guard]
    found = found and tuple(rule for rule in found if rule.name not in left_out)
    ignored = _try(errors, lambda: [*_ignored(texts, inputs.project)])
    inside: list[Suppression] = []
    outcomes = []
    for one in inputs.members:
        linter = Run() if lint else None
        try:
            outcomes.append(_checked(one, found, linter, inside, inputs.combinations))
        finally:
            if linter:
                linter.stop()
    outcome = joined(outcomes, errors)
    outcome = replace(outcome, texts={**texts, **outcome.texts}, notes=(*outcome.notes, *_unchecked(left_out)))
    if outcome.errors or ignored is None:
        return outcome
    given = suppressions.renamed([*inside, *ignored], rule_files.former_names(found or ()))
    stated = [one for one in given if one.rule not in left_out]
    reported, suppressed = suppressions.apply(outcome.findings, stated, inputs.today)
    return replace(outcome, findings=in_order(reported), suppressed=suppressed)


def _unchecked(names: Sequence[str]) -> Iterator[str]:
    """Say which rules were not checked."""
    if names:
        yield f"not checked, as they are written in Guard: {', '.join(names)}"


def _checked(
    one: Member, found: Sequence[Rule] | None, linter: Run | None, inside: list[Suppression], every: bool
) -> Outcome:
    """Prove one template, nothing suppressed; the suppressions that stand in it go to `inside`."""
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    template = _try(errors, lambda: templates.parse(_text(texts, one.template), one.template))
    stated = _try(errors, lambda: templates.parse_document(_text(texts, one.scenarios), one.scenarios, text_only=True))
    pairs = _try(errors, partial(scenario.pairs_in, stated)) if stated else None
    refused = _try(errors, partial(refusals.refusals_in, stated)) if stated and pairs else ()
    if template is None or pairs is None or refused is None or found is None:
        return Outcome(one.template, pairs or (), errors=tuple(errors), template=template, texts=texts)
    outcome = prove(template, pairs, found, refused, linter)
    if not one.every_rule:
        said = (error for error in outcome.errors if not isinstance(error, AppliesToNothing))
        outcome = replace(outcome, errors=tuple(said))
    if not outcome.errors:
        outcome = with_corners(outcome, template)
    if every and not outcome.errors:
        outcome = with_combinations(outcome, template)
    own = _try(errors, lambda: [*suppressions.in_template(template)])
    inside += own or ()
    return replace(outcome, errors=(*outcome.errors, *errors), texts=texts, notes=(*outcome.notes, *_notes(template)))


def _notes(template: Document) -> Iterator[str]:
    size = len(minified(template).encode())
    if size > INLINE_LIMIT:
        limit = f"{size:,} bytes minified, more than the {INLINE_LIMIT:,} of a request"
        yield f"{template.path}: {limit}: it goes by URL"


def _text(texts: dict[str, str], path: str) -> str:
    """Read a file, and note what was read: nothing reads it a second time."""
    texts[path] = read_text(path)
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
        return Outcome(
            template.path, pairs, errors=each_once(errors), template=template, deployments=known, texts=texts
        )
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
    findings = in_order([*judged, *(covered.untaken if covered else ()), *accepted, *linted])
    errors += [error for verdict in verdicts for error in verdict.errors]
    count = 2 * len(folds) + 1 if linter else 0
    return Outcome(
        template.path, pairs, verdicts, covered, count, findings,
        errors=each_once(errors), template=template, deployments=tuple(deployments), texts=texts,
        notes=(linter.note,) if linter and linter.note else (),
    )  # fmt: skip


def _folded(both: EvaluatedPair) -> Deployment:
    return both.folded


def _resolved(both: EvaluatedPair) -> Deployment:
    return both.resolved


def _try(errors: list[CannotTell], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except CannotTell as error:
        errors.append(error)
        return None
