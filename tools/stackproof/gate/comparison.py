"""A template compared with what it was before: the updates of all scenarios, and the rules about updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from stackproof.changes.update import updates
from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.gate.outcome import Outcome, each_once, in_order
from stackproof.gate.project import Former
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Verdict, run_on_updates
from stackproof.template import loader as templates
from stackproof.template.parameters import declarations


def with_updates(outcome: Outcome, former: Former, rules: Sequence[Rule]) -> Outcome:
    """Return an outcome with the updates from a former version, and what the rules about updates say of them.

    A version that cannot be worked out, as it could not be deployed, is an error of the outcome.
    """
    if not former.text:
        return replace(outcome, notes=(*outcome.notes, f"{former.name}: there is none, so nothing is updated"))
    try:
        document = templates.parse(former.text, former.name)
        pairs = _pairs(former, outcome.pairs, {deployment.name for deployment in outcome.deployments})
        others = [] if former.deployment else [*_other_environments(document, pairs, outcome.pairs)]
    except CannotTell as error:
        return replace(outcome, errors=each_once([*outcome.errors, error]))
    errors: list[CannotTell] = []
    now = {pair.name: pair for pair in outcome.pairs}
    then = [_with_known(document, now[pair.name]) if pair.name in others else pair for pair in pairs]
    before = [*_resolved(document, then, errors)]
    found = updates(before, outcome.deployments)
    verdicts = tuple(run_on_updates(rule, found) for rule in rules)
    return replace(
        _with_verdicts(outcome, verdicts),
        updates=found,
        errors=each_once([*outcome.errors, *errors, *(error for verdict in verdicts for error in verdict.errors)]),
        texts={**outcome.texts, former.name: former.text},
        notes=(*outcome.notes, *_uncompared(former, outcome.pairs, pairs), *_compared_as_now(former, others)),
    )


def _with_verdicts(outcome: Outcome, verdicts: Sequence[Verdict]) -> Outcome:
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    return replace(outcome, verdicts=(*outcome.verdicts, *verdicts), findings=in_order([*outcome.findings, *findings]))


def _pairs(former: Former, now: Sequence[Pair], names: Set[str]) -> list[Pair]:
    """Return the pairs that there were, each by the name of what it becomes."""
    found = now
    if former.scenarios:
        found = scenario.pairs_in(templates.parse_document(former.scenarios, former.scenarios_path, text_only=True))
    if not former.deployment:
        return [pair for pair in found if pair.name in names]
    known = next((pair for pair in found if pair.name == former.deployment), None)
    if known is None:
        message = f"{former.name} has no deployment {former.deployment!r}"
        raise CannotTell(message, fix=f"name one of {', '.join(pair.name for pair in found)}")
    return [replace(known, name=name) for name in sorted(names)]


def _resolved(document: Document, pairs: Sequence[Pair], errors: list[CannotTell]) -> Iterator[Deployment]:
    for pair in pairs:
        try:
            yield resolved(document, pair)
        except CannotTell as error:
            fix = f"{error.fix}; or compare with a version that can be deployed" if error.fix else ""
            errors.append(CannotTell(error.message, error.place, fix))


def _uncompared(former: Former, now: Sequence[Pair], then: Sequence[Pair]) -> Iterator[str]:
    new = [pair.name for pair in now if pair.name not in {before.name for before in then}]
    if new:
        yield f"{former.name} has no scenario {', '.join(new)}: compared with nothing"


def _other_environments(document: Document, then: Sequence[Pair], now: Sequence[Pair]) -> Iterator[str]:
    """Give the scenarios that were about other stacks: in another region, of another name, with another value to give.

    What has no default tells one environment from the next, so another value is another pair of stacks, not an update.
    """
    needed = [name for name, parameter in declarations(document).items() if parameter.default is None]
    for before, after in ((before, after) for before in then for after in now if before.name == after.name):
        for old, new in zip(before.sides, after.sides, strict=True):
            where = [(side.region, side.account, side.stack) for side in (old, new)]
            if where[0] != where[1] or any(old.parameters.get(name) != new.parameters.get(name) for name in needed):
                yield before.name
                break


def _with_known(document: Document, pair: Pair) -> Pair:
    """Return a pair with the parameters that a template declares."""
    known = declarations(document)
    sides = {
        side.side: replace(side, parameters={name: value for name, value in side.parameters.items() if name in known})
        for side in pair.sides
    }
    return replace(pair, source=sides["source"], target=sides["target"])


def _compared_as_now(former: Former, names: Sequence[str]) -> Iterator[str]:
    if names:
        how = "compared with the regions and parameters of now"
        yield f"{former.name}: another environment was meant by {', '.join(names)}: {how}"
