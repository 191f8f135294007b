"""The whole proof of a template, or of all of a project: every rule in every scenario, and cfn-lint beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from stackproof.foundation.finding import CannotTell, Note, Place, Severity, Undecided
from stackproof.gate import baseline, branch_coverage, choice, configuration, refusals, suppressions
from stackproof.gate.combinations import with_combinations
from stackproof.gate.comparison import with_updates
from stackproof.gate.configuration import Configuration
from stackproof.gate.corners import with_corners
from stackproof.gate.joining import joined
from stackproof.gate.outcome import Outcome, each_once, in_order
from stackproof.gate.placeholders import waiting
from stackproof.gate.project import Former, Member
from stackproof.gate.refusals import Refusal
from stackproof.gate.reporting import Reporting
from stackproof.gate.suppressions import Suppression
from stackproof.lint.run import Run
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import NotCompared, not_compared, run_rules
from stackproof.template import loader as templates
from stackproof.template.body import INLINE_LIMIT, minified

T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """Where the gate reads from: paths of files and folders, and the day that suppressions are held against.

    Without `guard` the rules written in Guard are left out, which a note of the outcome says. With `combinations` the
    rules are put to stacks of all combinations of conditions as well. What is not None takes the place of what the
    project has configured: `select` and `ignore` name rules, packs and families; findings below `least` are not
    reported, and those below `fail_on` fail nothing; `baseline` is a file of known findings, "" for none. `stated` is
    the text of the scenarios where no file holds them. `against` are versions before: rules about updates are
    put to what becomes of their stacks.
    """

    template: str
    rules: str | tuple[str, ...]
    scenarios: str
    project: str
    today: date
    own: bool = True
    further: tuple[Member, ...] = ()
    guard: bool = True
    combinations: bool = False
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    least: Severity = "info"
    fail_on: Severity | None = None
    baseline: str | None = None
    stated: str = ""
    against: tuple[Former, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        return (Member(self.template, self.scenarios, self.own, self.stated), *self.further)

    @property
    def folders(self) -> tuple[str, ...]:
        return (self.rules,) if isinstance(self.rules, str) else self.rules


def check(inputs: Inputs, *, lint: bool = True) -> Outcome:
    """Prove a template and the further ones; whatever keeps the gate from telling is among the outcome's errors."""
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    project = attempt(errors, partial(configuration.read, inputs.project)) or Configuration(inputs.project)
    texts |= {project.path: project.text} if project.text else {}
    found = attempt(errors, partial(rule_files.discover, *inputs.folders))
    texts |= {rule.path: rule.text for rule in found or ()}
    chosen = attempt(errors, partial(choice.made, found, project, inputs.select, inputs.ignore)) if found else None
    left_out = [rule.name for rule in chosen.rules if rule.is_guard and not inputs.guard] if chosen else []
    run = tuple(rule for rule in chosen.rules if rule.name not in left_out) if chosen else None
    inside: list[Suppression] = []
    outcomes = []
    for member in inputs.members:
        linter = Run() if lint else None
        try:
            outcomes.append(_checked(member, run, linter, inside, project))
            if inputs.combinations and outcomes[-1].template and not outcomes[-1].errors:
                outcomes[-1] = with_combinations(outcomes[-1], outcomes[-1].worked_out(outcomes[-1].template))
        finally:
            if linter:
                linter.stop()
        outcomes[-1] = _compared(outcomes[-1], inputs, run or ())
        demanded = chosen.required if chosen and (member.own or member in inputs.further) else frozenset()
        outcomes[-1] = _with_notes(outcomes[-1], demanded)
        if member.own and chosen:
            outcomes[-1] = _with_required(outcomes[-1], chosen.required)
    outcome = joined(outcomes, errors)
    outcome = replace(outcome, texts={**texts, **outcome.texts}, notes=(*outcome.notes, *_unchecked(left_out)))
    ignored = attempt(errors, lambda: [*suppressions.configured(project)])
    listed = suppressions.renamed([*inside, *(ignored or ())], rule_files.former_names(found or ()))
    idle = {rule.name for rule in found or ()} - {rule.name for rule in run or ()}
    path = str(project.value.get("baseline", "")) if inputs.baseline is None else inputs.baseline
    known = attempt(errors, partial(baseline.read, path)) if path else None
    outcome = replace(outcome, errors=each_once([*outcome.errors, *errors]), fail_on=inputs.fail_on or project.fail_on)
    return Reporting(chosen, tuple(listed), frozenset(idle), inputs.today, inputs.least, path, known).of(outcome)


def former_of(inputs: Inputs, outcome: Outcome) -> Former | None:
    """Return the version before that an outcome's template is compared with, None if there is none."""
    return next((former for former in inputs.against if former.template == outcome.path), None)


def _compared(outcome: Outcome, inputs: Inputs, run: Sequence[Rule]) -> Outcome:
    """Return an outcome with what the rules about updates say, where there is a version before."""
    rules = [rule for rule in run if rule.on_update]
    former = former_of(inputs, outcome)
    if former and outcome.deployments:
        outcome = with_updates(outcome, former, rules)
    met = {verdict.rule for verdict in outcome.verdicts}
    idle = not_compared([rule for rule in rules if rule not in met]) if outcome.verdicts else ()
    return replace(outcome, verdicts=(*outcome.verdicts, *idle))


def _with_notes(outcome: Outcome, required: frozenset[str]) -> Outcome:
    """Return an outcome with what rules that are not required could not check among its notes, not its errors."""
    found = [(verdict.rule.name in required, error) for verdict in outcome.verdicts for error in verdict.errors]
    hard = {(error.place, error.message) for demanded, error in found if demanded or not isinstance(error, Undecided)}
    soft = {(error.place, error.message): error for _, error in found if (error.place, error.message) not in hard}
    unchecked = [Note(error.place or Place(outcome.path, 1, 1), error.message, error.fix) for error in soft.values()]
    errors = tuple(error for error in outcome.errors if (error.place, error.message) not in soft)
    return replace(outcome, errors=errors, unchecked=tuple(unchecked))


def _with_required(outcome: Outcome, required: frozenset[str]) -> Outcome:
    """Return the outcome of the project's own template with an error for each required rule that applies to nothing."""
    verdicts = [verdict for verdict in outcome.verdicts if not isinstance(verdict.unmet, NotCompared)]
    unmet = [verdict.unmet for verdict in verdicts if verdict.unmet and verdict.rule.name in required]
    return replace(outcome, errors=(*outcome.errors, *unmet))


def _unchecked(names: Sequence[str]) -> Iterator[str]:
    """Say which rules were not checked."""
    if names:
        yield f"not checked, as they are written in Guard: {', '.join(names)}"


def _checked(
    member: Member, found: Sequence[Rule] | None, linter: Run | None, inside: list[Suppression], project: Configuration
) -> Outcome:
    """Prove one template, nothing suppressed; the suppressions that stand in it go to `inside`."""
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    template = attempt(errors, lambda: templates.parse(text_of(texts, member.template), member.template))
    if member.stated:
        texts[member.scenarios] = member.stated
    text = partial(scenarios_text, texts, member)
    stated = attempt(errors, lambda: templates.parse_document(text(), member.scenarios, text_only=True))
    pairs = attempt(errors, partial(scenario.pairs_in, stated)) if stated else None
    refused = attempt(errors, partial(refusals.refusals_in, stated)) if stated and pairs else ()
    if template is None or pairs is None or refused is None or found is None:
        return Outcome(member.template, pairs or (), errors=tuple(errors), template=template, texts=texts)
    outcome = prove(template, pairs, found, refused, linter, project.external)
    if all(isinstance(error, Undecided) for error in outcome.errors):
        outcome = with_corners(outcome, outcome.worked_out(template))
    stacks = [stack for deployment in outcome.deployments for stack in deployment.stacks]
    read = dict.fromkeys([stack.template for stack in stacks] or [template])
    own = attempt(errors, lambda: [found for each in read for found in suppressions.in_template(each)])
    inside += dict.fromkeys(own or ())
    sizes = [note for each in dict.fromkeys((template, *_of_sides(pairs))) for note in _notes(each)]
    texts = {**outcome.texts, **texts}
    return replace(outcome, errors=(*outcome.errors, *errors), texts=texts, notes=(*outcome.notes, *sizes))


def _of_sides(pairs: Sequence[Pair]) -> tuple[Document, ...]:
    """Return the templates that sides of scenarios have of their own, each once."""
    found = (side.template for pair in pairs for side in pair.sides if side.template)
    return tuple({template.path: template for template in found}.values())


def scenarios_text(texts: dict[str, str], member: Member) -> str:
    """Return the text of the scenarios; raise CannotTell where there are none, with the command that writes them."""
    if not member.stated and not FilePath(member.scenarios).exists():
        fix = f"stackproof init {member.template}; or give --region SOURCE,TARGET"
        raise CannotTell("there is no file of scenarios", Place(member.scenarios, 1, 1), fix)
    return texts[member.scenarios] if member.stated else text_of(texts, member.scenarios)


def _notes(template: Document) -> Iterator[str]:
    size = len(minified(template).encode())
    if size > INLINE_LIMIT:
        limit = f"{size:,} bytes minified, more than the {INLINE_LIMIT:,} of a request"
        yield f"{template.path}: {limit}: it goes by URL"


def text_of(texts: dict[str, str], path: str) -> str:
    """Read a file, and note what was read: nothing reads it a second time."""
    texts[path] = read_text(path)
    return texts[path]


def prove(  # noqa: PLR0913, PLR0917 - each is read by itself
    template: Document,
    pairs: tuple[Pair, ...],
    found: Sequence[Rule],
    refused: Sequence[Refusal],
    linter: Run | None = None,
    external: tuple[str, ...] | None = (),
) -> Outcome:
    """Prove a template that has been read, with the pairs, rules and refusals given; nothing is suppressed.

    `external` are names and ARNs, `*` for any text, that others create; None where nobody says which. A pair that
    cannot be worked out is an error, beside what the others show.
    """
    errors: list[CannotTell] = []
    texts = {document.path: document.text for document in (template, *_of_sides(pairs))}
    both = [done for pair in pairs if (done := attempt(errors, partial(evaluated, template, pair)))]
    folds = [deployment for values in both if (deployment := attempt(errors, partial(_folded, values)))]
    if linter and folds:
        stacks = [stack for deployment in folds for stack in deployment.stacks]
        linter.give(template, stacks, sorted({stack.scenario.region for stack in stacks}))
    known = [deployment for values in both if (deployment := attempt(errors, partial(_resolved, values)))]
    deployments = [replace(deployment, external=external) for deployment in known]
    if not folds:
        return Outcome(template.path, pairs, errors=each_once(errors), template=template, texts=texts)
    plain = [rule for rule in found if not rule.on_update]
    verdicts = waiting(run_rules(plain, deployments), deployments) if deployments else ()
    covered = _coverage(template, deployments) if len(deployments) == len(pairs) else None
    linted = (attempt(errors, linter.finish) if linter else None) or []
    of_rules = [finding for verdict in verdicts for finding in verdict.findings]
    accepted = refusals.check(deployments[0].source.template if deployments else template, refused)
    findings = in_order([*of_rules, *(covered.untaken if covered else ()), *accepted, *linted])
    errors += [error for verdict in verdicts for error in verdict.errors]
    count = 2 * len(folds) + 1 if linter else 0
    return Outcome(
        template.path, pairs, verdicts, covered, count, findings,
        errors=each_once(errors), template=template, deployments=tuple(deployments), texts=texts,
        notes=(linter.note,) if linter and linter.note else (),
    )  # fmt: skip


def _coverage(template: Document, deployments: Sequence[Deployment]) -> branch_coverage.Coverage:
    return branch_coverage.measure(template, [stack for deployment in deployments for stack in deployment.stacks])


def _folded(both: EvaluatedPair) -> Deployment:
    return both.folded


def _resolved(both: EvaluatedPair) -> Deployment:
    return both.resolved


def attempt(errors: list[CannotTell], work: Callable[[], T]) -> T | None:
    """Return what work gives; None where it raises CannotTell, which goes to the errors."""
    try:
        return work()
    except CannotTell as error:
        errors.append(error)
        return None
