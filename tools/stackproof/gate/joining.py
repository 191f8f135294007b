"""What came of several templates, as one outcome: one report, one exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.foundation.finding import CannotTell
from stackproof.gate.branch_coverage import Coverage
from stackproof.gate.outcome import Outcome, each_once, in_order
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Verdict, merged


def joined(outcomes: Sequence[Outcome], errors: Sequence[CannotTell] = ()) -> Outcome:
    """Return the outcome of all, the first template's foremost, with errors that are of none of them."""
    first, *others = outcomes
    found = [*(error for outcome in outcomes for error in outcome.errors), *errors, *_shared_names(outcomes)]
    return Outcome(
        first.path,
        tuple(pair for outcome in outcomes for pair in outcome.pairs),
        tuple(_verdicts(outcomes)),
        _coverage(outcomes),
        sum(outcome.linted for outcome in outcomes),
        in_order(finding for outcome in outcomes for finding in outcome.findings),
        errors=each_once(found),
        template=first.template,
        deployments=tuple(deployment for outcome in outcomes for deployment in outcome.deployments),
        texts={path: text for outcome in outcomes for path, text in outcome.texts.items()},
        further=tuple(outcome.path for outcome in others),
        unchecked=tuple(note for outcome in outcomes for note in outcome.unchecked),
        updates=tuple(update for outcome in outcomes for update in outcome.updates),
        notes=tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes)),
    )


def _verdicts(outcomes: Sequence[Outcome]) -> Iterator[Verdict]:
    of_rule: dict[Rule, list[Verdict]] = {}
    for outcome in outcomes:
        for verdict in outcome.verdicts:
            of_rule.setdefault(verdict.rule, []).append(verdict)
    return map(merged, of_rule.values())


def _coverage(outcomes: Sequence[Outcome]) -> Coverage | None:
    """Return what the scenarios of all templates take, None if it is not known of one."""
    found = [outcome.coverage for outcome in outcomes if outcome.coverage]
    if len(found) < len(outcomes):
        return None
    return Coverage(
        sum(coverage.sides for coverage in found), tuple(untaken for coverage in found for untaken in coverage.untaken)
    )


def _shared_names(outcomes: Sequence[Outcome]) -> Iterator[CannotTell]:
    """Give an error for each name that scenarios of two templates have: reports would take one for the other."""
    seen: dict[str, str] = {}
    for outcome in outcomes:
        for pair in outcome.pairs:
            if seen.setdefault(pair.name, outcome.path) != outcome.path:
                message = f"scenarios of {seen[pair.name]} and of {outcome.path} are both named {pair.name!r}"
                yield CannotTell(message, fix="rename one of them")
