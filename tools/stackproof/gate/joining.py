"""What came of several templates, as one outcome: one report, one exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.foundation.finding import CannotTell
from stackproof.gate.branch_coverage import Coverage
from stackproof.gate.outcome import Outcome, each_once, in_order
from stackproof.rules.runner import Verdict, merged


def joined(outcomes: Sequence[Outcome], errors: Sequence[CannotTell] = ()) -> Outcome:
    """Return the outcome of all, the first template's foremost, with errors that are of none of them."""
    first, *others = outcomes
    said = [*(error for one in outcomes for error in one.errors), *errors, *_shared_names(outcomes)]
    return Outcome(
        first.path,
        tuple(pair for one in outcomes for pair in one.pairs),
        tuple(_verdicts(outcomes)),
        _coverage(outcomes),
        sum(one.linted for one in outcomes),
        in_order(finding for one in outcomes for finding in one.findings),
        errors=each_once(said),
        template=first.template,
        deployments=tuple(deployment for one in outcomes for deployment in one.deployments),
        texts={path: text for one in outcomes for path, text in one.texts.items()},
        further=tuple(one.path for one in others),
        unchecked=tuple(note for one in outcomes for note in one.unchecked),
        notes=tuple(dict.fromkeys(note for one in outcomes for note in one.notes)),
    )


def _verdicts(outcomes: Sequence[Outcome]) -> Iterator[Verdict]:
    every = [verdict for one in outcomes for verdict in one.verdicts]
    for rule in dict.fromkeys(verdict.rule for verdict in every):
        yield merged([verdict for verdict in every if verdict.rule == rule])


def _coverage(outcomes: Sequence[Outcome]) -> Coverage | None:
    """Return what the scenarios of all templates take, None if it is not known of one."""
    found = [one.coverage for one in outcomes if one.coverage]
    if len(found) < len(outcomes):
        return None
    return Coverage(sum(one.sides for one in found), tuple(untaken for one in found for untaken in one.untaken))


def _shared_names(outcomes: Sequence[Outcome]) -> Iterator[CannotTell]:
    """Give an error for each name that scenarios of two templates have: reports would take one for the other."""
    seen: dict[str, str] = {}
    for one in outcomes:
        for pair in one.pairs:
            if seen.setdefault(pair.name, one.path) != one.path:
                said = f"scenarios of {seen[pair.name]} and of {one.path} are both named {pair.name!r}"
                yield CannotTell(said, fix="rename one of them")
