"""Templates compared with their versions before, and nothing but the rules about updates put to them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.gate import choice, configuration, suppressions
from stackproof.gate.comparison import with_updates
from stackproof.gate.configuration import Configuration
from stackproof.gate.gate import Inputs, former_of
from stackproof.gate.joining import joined
from stackproof.gate.outcome import Outcome
from stackproof.gate.project import Member
from stackproof.gate.reporting import Reporting
from stackproof.gate.suppressions import Suppression
from stackproof.gate.work import attempt, scenarios_text, text_of
from stackproof.rules import rule_files
from stackproof.template import loader as templates


def compare(inputs: Inputs, deployments: tuple[str, ...] = ()) -> Outcome:
    """Compare templates with their versions before; put to them the rules about updates alone.

    `deployments` are the scenarios that count, () for all.
    """
    errors: list[CannotTell] = []
    project = attempt(errors, partial(configuration.read, inputs.project)) or Configuration(inputs.project)
    found = attempt(errors, partial(rule_files.discover, *inputs.folders)) or ()
    about = [rule for rule in found if rule.on_update]
    chosen = attempt(errors, partial(choice.made, found, project, inputs.select, inputs.ignore)) if found else None
    run = [rule for rule in chosen.rules if rule.on_update] if chosen else []
    inside: list[Suppression] = []
    outcomes = []
    for member in inputs.members:
        outcome = _worked_out(member, deployments, project.texts("external"))
        if outcome.template:
            inside += attempt(errors, partial(_suppressions, outcome.template)) or ()
        former = former_of(inputs, outcome)
        outcomes.append(with_updates(outcome, former, run) if former and outcome.deployments else outcome)
    outcome = joined(outcomes, errors)
    listed = suppressions.renamed([*inside, *suppressions.configured(project)], rule_files.former_names(found))
    of_updates = tuple(suppression for suppression in listed if suppression.rule in {rule.name for rule in about})
    outcome = replace(outcome, fail_on=inputs.fail_on or project.fail_on)
    return Reporting(chosen, of_updates, frozenset(rule.name for rule in about), inputs.today, inputs.least).of(outcome)


def _suppressions(template: Document) -> list[Suppression]:
    return [*suppressions.in_template(template)]


def _worked_out(member: Member, names: tuple[str, ...], external: tuple[str, ...]) -> Outcome:
    """Return the stacks of a template in some scenarios, with no rule put to them."""
    errors: list[CannotTell] = []
    texts: dict[str, str] = {}
    template = attempt(errors, lambda: templates.parse(text_of(texts, member.template), member.template))
    if member.stated:
        texts[member.scenarios] = member.stated
    stated = attempt(
        errors, lambda: templates.parse_document(scenarios_text(texts, member), member.scenarios, text_only=True)
    )
    pairs = (attempt(errors, partial(scenario.pairs_in, stated)) if stated else None) or ()
    missing = [name for name in names if name not in {pair.name for pair in pairs}]
    if pairs and missing:
        fix = f"name one of {', '.join(pair.name for pair in pairs)}"
        errors.append(CannotTell(f"{member.scenarios} has no deployment {missing[0]!r}", fix=fix))
    pairs = tuple(pair for pair in pairs if pair.name in names or not names)
    if template is None:
        return Outcome(member.template, pairs, errors=tuple(errors), texts=texts)
    found = [attempt(errors, partial(resolved, template, pair)) for pair in pairs]
    deployments = tuple(replace(both, external=external) for both in found if both)
    return Outcome(
        member.template, pairs, errors=tuple(errors), template=template, deployments=deployments, texts=texts
    )
