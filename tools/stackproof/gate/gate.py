"""The whole proof of a template, or of all of a project: every rule in every scenario, and cfn-lint beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from stackproof.evaluation.deployment import Deployment, EvaluatedPair
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Note, Place, Severity, Undecided
from stackproof.gate import baseline, branch_coverage, choice, configuration, refusals, suppressions
from stackproof.gate.configuration import Configuration
from stackproof.gate.joining import joined
from stackproof.gate.outcome import Outcome, each_once, in_order
from stackproof.gate.placeholders import waiting
from stackproof.gate.project import Former, Member
from stackproof.gate.refusals import Refusal
from stackproof.gate.reporting import Reporting
from stackproof.gate.suppressions import Suppression
from stackproof.gate.unlisted import unlisted
from stackproof.gate.work import Read, Work, attempt, read_member, templates_of_sides, work_out
from stackproof.lint.process import Process
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import NotCompared, not_compared, run_rules
from stackproof.template.body import INLINE_LIMIT, minified


@dataclass(frozen=True)
class Inputs:
    """Where the gate reads from: paths of files and folders, and the day that suppressions are held against.

    Without `guard` the rules written in Guard are left out, which a note of the outcome says. With `combinations` the
    rules are put to stacks of all combinations of conditions as well. What is not None takes the place of what the
    project has configured: `select` and `ignore` name rules, packs and families; findings below `least` are not
    reported, and those below `fail_on` fail nothing; `baseline` is a file of known findings, "" for none. `stated` is
    the text of the scenarios where no file holds them. `against` are versions before: rules about updates are
    put to what becomes of their stacks. With `first_only` the rules are put to the first scenario alone, and what
    speaks of all of them (branches that none takes, must_reject, the corners of numbers) is left out.
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
    first_only: bool = False

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
    with _linting(lint) as process:
        read = [read_member(member, run, process, first_only=inputs.first_only) for member in inputs.members]
        if process:
            process.begin()
        for member, each in zip(inputs.members, read, strict=True):
            outcome = _checked(inputs, member, each, run, inside, project)
            outcomes.append(_compared(_combined(outcome, inputs), inputs, run or ()))
        outcomes = [_linted(outcome, each.work) for outcome, each in zip(outcomes, read, strict=True)]
    for at, member in enumerate(inputs.members):
        demanded = chosen.required if chosen and (member.own or member in inputs.further) else frozenset()
        outcomes[at] = _with_notes(outcomes[at], demanded)
        if member.own and chosen and not inputs.first_only:
            outcomes[at] = _with_required(outcomes[at], chosen.required)
    outcome = joined(outcomes, errors)
    outcome = replace(outcome, texts={**texts, **outcome.texts}, notes=(*outcome.notes, *_unchecked(left_out)))
    ignored = attempt(errors, lambda: [*suppressions.configured(project)])
    listed = suppressions.renamed([*inside, *(ignored or ())], rule_files.former_names(found or ()))
    idle = {rule.name for rule in found or ()} - {rule.name for rule in run or ()}
    idle |= {verdict.rule.name for verdict in outcome.verdicts if isinstance(verdict.unmet, NotCompared)}
    path = str(project.value.get("baseline", "")) if inputs.baseline is None else inputs.baseline
    known = attempt(errors, partial(baseline.read, path)) if path else None
    outcome = replace(outcome, errors=each_once([*outcome.errors, *errors]), fail_on=inputs.fail_on or project.fail_on)
    return Reporting(
        chosen, tuple(listed), None if inputs.first_only else frozenset(idle), inputs.today, inputs.least, path, known
    ).of(outcome)


def former_of(inputs: Inputs, outcome: Outcome) -> Former | None:
    """Return the version before that an outcome's template is compared with, None if there is none."""
    return next((former for former in inputs.against if former.template == outcome.path), None)


def _combined(outcome: Outcome, inputs: Inputs) -> Outcome:
    """Return an outcome with what rules say of stacks of all combinations of conditions, where that is asked for."""
    if not inputs.combinations or not outcome.template or outcome.errors:
        return outcome
    from stackproof.gate.combinations import with_combinations

    return with_combinations(outcome, outcome.worked_out(outcome.template))


def _compared(outcome: Outcome, inputs: Inputs, run: Sequence[Rule]) -> Outcome:
    """Return an outcome with what the rules about updates say, where there is a version before."""
    rules = [rule for rule in run if rule.on_update]
    former = former_of(inputs, outcome)
    if former and outcome.deployments:
        from stackproof.gate.comparison import with_updates  # which no other check waits for

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


@contextmanager
def _linting(wanted: bool) -> Iterator[Process | None]:
    """Start the process in which cfn-lint works, and end it, whatever it is at."""
    process = Process() if wanted else None
    try:
        yield process
    finally:
        if process:
            process.stop()


def _checked(  # noqa: PLR0913, PLR0917 - each is read by itself
    inputs: Inputs,
    member: Member,
    read: Read,
    found: Sequence[Rule] | None,
    inside: list[Suppression],
    project: Configuration,
) -> Outcome:
    """Prove one template, nothing suppressed; the suppressions that stand in it go to `inside`."""
    errors, texts, template, pairs, refused, work = read
    if template is None or pairs is None or refused is None or found is None or work is None:
        return Outcome(member.template, pairs or (), errors=tuple(errors), template=template, texts=texts)
    outcome = judged(work, found, refused, project.external)
    if inputs.first_only:
        of_rules = in_order(finding for verdict in outcome.verdicts for finding in verdict.findings)
        outcome = replace(outcome, findings=of_rules, coverage=None)
    elif all(isinstance(error, Undecided) for error in outcome.errors):
        from stackproof.gate.corners import with_corners  # what it needs, rules have mostly imported meanwhile

        outcome = with_corners(outcome, outcome.worked_out(template))
    stacks = [stack for deployment in outcome.deployments for stack in deployment.stacks]
    templates_read = dict.fromkeys([stack.template for stack in stacks] or [template])
    own = attempt(errors, lambda: [found for each in templates_read for found in suppressions.in_template(each)])
    inside += dict.fromkeys(own or ())
    notes = unlisted([rule for rule in found if not rule.on_update], outcome.deployments)
    sizes = [note for each in dict.fromkeys((template, *templates_of_sides(pairs))) for note in _notes(each)]
    texts = {**outcome.texts, **texts}
    return replace(outcome, errors=(*outcome.errors, *errors), texts=texts, notes=(*outcome.notes, *notes, *sizes))


def _notes(template: Document) -> Iterator[str]:
    size = len(minified(template).encode())
    if size > INLINE_LIMIT:
        limit = f"{size:,} bytes minified, more than the {INLINE_LIMIT:,} of a request"
        yield f"{template.path}: {limit}: it goes by URL"


def prove(template: Document, pairs: tuple[Pair, ...], found: Sequence[Rule], refused: Sequence[Refusal]) -> Outcome:
    """Prove a template that has been read, with the pairs, rules and refusals given; nothing is suppressed."""
    return judged(work_out(template, pairs), found, refused)


def judged(
    work: Work, found: Sequence[Rule], refused: Sequence[Refusal], external: tuple[str, ...] | None = ()
) -> Outcome:
    """Prove a template whose stacks have been worked out; nothing is suppressed.

    `external` are names and ARNs, `*` for any text, that others create; None where nobody says which.
    """
    template, pairs = work.template, work.pairs
    errors = [*work.errors]
    texts = {document.path: document.text for document in (template, *templates_of_sides(pairs))}
    known = [deployment for values in work.both if (deployment := attempt(errors, partial(_resolved, values)))]
    deployments = [replace(deployment, external=external) for deployment in known]
    if not work.both:
        return Outcome(template.path, pairs, errors=each_once(errors), template=template, texts=texts)
    plain = [rule for rule in found if not rule.on_update]
    verdicts = waiting(run_rules(plain, deployments), deployments) if deployments else ()
    covered = _coverage(template, deployments) if len(deployments) == len(pairs) else None
    of_rules = [finding for verdict in verdicts for finding in verdict.findings]
    accepted = refusals.check(deployments[0].source.template if deployments else template, refused)
    findings = in_order([*of_rules, *(covered.untaken if covered else ()), *accepted])
    errors += [error for verdict in verdicts for error in verdict.errors]
    return Outcome(
        template.path, pairs, verdicts, covered, 0, findings,
        errors=each_once(errors), template=template, deployments=tuple(deployments), texts=texts,
    )  # fmt: skip


def _linted(outcome: Outcome, work: Work | None) -> Outcome:
    """Return an outcome with what cfn-lint found meanwhile, where it was asked."""
    if work is None or work.linter is None:
        return outcome
    errors = [*outcome.errors]
    found = attempt(errors, work.linter.finish) or []
    return replace(
        outcome,
        linted=work.linted,
        findings=in_order([*outcome.findings, *found]),
        errors=each_once(errors),
        notes=(*((work.linter.note,) if work.linter.note else ()), *outcome.notes),
    )


def _coverage(template: Document, deployments: Sequence[Deployment]) -> branch_coverage.Coverage:
    return branch_coverage.measure(template, [stack for deployment in deployments for stack in deployment.stacks])


def _resolved(both: EvaluatedPair) -> Deployment:
    return both.resolved
