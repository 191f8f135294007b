"""Rules of both languages run on every deployment: what they find, and what they could not check."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Finding, Findings, Place
from stackproof.rules import settings
from stackproof.rules.guard import Block, Failure, GuardFile, Subject, evaluate, passing
from stackproof.rules.guard_forms import looks_at_each_resource
from stackproof.rules.python_rules import PythonRule
from stackproof.rules.rule_files import Rule, demand_cases
from stackproof.rules.side_process import can_fork, shared

if TYPE_CHECKING:
    from stackproof.changes.update import Update

PACKAGE = re.compile(r"^from stackproof\.(\w+)", re.M)
ON_PAIR = re.compile(r"^#\s*on:\s*pair\s*$", re.M)


class Subjects:
    """The documents that Guard is given, each made once for all rules."""

    def __init__(self) -> None:
        self.made: dict[object, Subject] = {}

    def of_stack(self, stack: Stack) -> Subject:
        if stack not in self.made:
            self.made[stack] = Subject(stack.value)
        return self.made[stack]

    def of_pair(self, deployment: Deployment) -> Subject:
        if deployment not in self.made:
            source, target = (self.of_stack(stack) for stack in deployment.stacks)
            self.made[deployment] = Subject.pair(source, target)
        return self.made[deployment]

    def of_all(self, deployments: Sequence[Deployment]) -> Subject:
        """Return the resources of all stacks as one document."""
        key = tuple(deployments)
        if key not in self.made:
            stacks = [stack for deployment in deployments for stack in deployment.stacks]
            self.made[key] = Subject.of_resources(self.of_stack(stack) for stack in stacks)
        return self.made[key]


class AppliesToNothing(CannotTell):
    """A rule, or a block of it, applies to nothing in any deployment; `partly` if other blocks of it do."""

    partly = False


class NotCompared(AppliesToNothing):
    """A rule about updates where there is no version before: it is not run, and nobody can require it."""


def _applies_to_nothing(
    rule: Rule, why: str, *, partly: bool = False, kind: type[AppliesToNothing] = AppliesToNothing
) -> AppliesToNothing:
    fix = "correct what it selects, or remove the rule"
    error = kind(f"rule {rule.name} applies to nothing: {why}", Place(rule.path, 1, 1), fix)
    error.partly = partly
    return error


@dataclass(frozen=True)
class Verdict:
    """What one rule finds in all deployments, and what it could not check.

    `unmet` says why the rule, or a block of it, applies to nothing: an error only where a configuration requires it.
    """

    rule: Rule
    findings: tuple[Finding, ...]
    errors: tuple[CannotTell, ...]
    unmet: AppliesToNothing | None = None

    @property
    def applies(self) -> bool:
        return self.unmet is None or self.unmet.partly


def merged(verdicts: Sequence[Verdict]) -> Verdict:
    """Return what one rule says of several templates as one verdict."""
    findings = tuple(finding for verdict in verdicts for finding in verdict.findings)
    errors = tuple(error for verdict in verdicts for error in verdict.errors)
    unmet = [verdict.unmet for verdict in verdicts if verdict.unmet]
    best = min(unmet, key=lambda reason: not reason.partly) if len(unmet) == len(verdicts) else None
    return Verdict(verdicts[0].rule, findings, errors, best)


def run_rule(rule: Rule, deployments: Sequence[Deployment], subjects: Subjects) -> Verdict:
    """Run one rule on every deployment; what it could not check is among the verdict's errors, each once.

    An error that a rule yields stops nothing; one that it raises ends the deployment it is raised on.
    """
    return _verdict(rule, lambda: (_guard if rule.is_guard else _python)(rule, deployments, subjects))


def run_on_updates(rule: Rule, updates: Sequence[Update]) -> Verdict:
    """Run a rule about updates on every update; see run_rule."""
    return _verdict(rule, lambda: _python(rule, updates))


def not_compared(rules: Sequence[Rule]) -> tuple[Verdict, ...]:
    """Return what is said of rules about updates where nothing is compared."""
    why = "the template is compared with no version before"
    found = [rule for rule in rules if rule.on_update]
    return tuple(Verdict(rule, (), (), _applies_to_nothing(rule, why, kind=NotCompared)) for rule in found)


def _verdict(rule: Rule, run: Callable[[], Findings]) -> Verdict:
    errors: dict[object, CannotTell] = {}
    findings: list[Finding] = []
    try:
        demand_cases(rule)
        for found in run():  # what was found before an error is kept
            if isinstance(found, CannotTell):
                errors.setdefault((found.place, found.message), found)
            else:
                findings.append(found)
    except AppliesToNothing as error:
        return Verdict(rule, tuple(findings), tuple(errors.values()), error)
    except CannotTell as error:
        errors.setdefault((error.place, error.message), error)
    return Verdict(rule, tuple(findings), tuple(errors.values()))


WORTH = 400
"""Resources, in all stacks together, from which on a process of its own gains more than it costs."""


def run_rules(rules: Sequence[Rule], deployments: Sequence[Deployment]) -> tuple[Verdict, ...]:
    """Run rules on all deployments, where that gains time in two processes: those in Guard begin in the other one."""
    subjects = Subjects()
    ordered = side_by_side(rules)
    run = partial(run_rule, deployments=deployments, subjects=subjects)
    verdicts = shared(ordered, run) if worth_sharing(deployments) else [run(rule) for rule in ordered]
    by_path = {verdict.rule.path: verdict for verdict in verdicts}
    return tuple(by_path[rule.path] for rule in rules)


def side_by_side(rules: Sequence[Rule]) -> list[Rule]:
    """Return rules in the order in which two processes take them from both ends: those in Guard last.

    Each process works out for itself what its rules ask of roles and of code: those that ask stand side by side.
    """

    def place(rule: Rule) -> tuple[bool, ...]:
        packages = PACKAGE.findall(rule.text)
        return rule.is_guard, "iam" in packages, "code" in packages

    return sorted(rules, key=place)


def worth_sharing(deployments: Sequence[Deployment]) -> bool:
    """Tell whether the work on deployments is so much that a second process gains time."""
    return can_fork() and sum(len(stack.resources) for deployment in deployments for stack in deployment.stacks) > WORTH


def _file(rule: Rule) -> GuardFile:
    return GuardFile(rule.name, rule.path, settings.in_guard(rule).text)


def _subjects_of(rule: Rule, deployment: Deployment, subjects: Subjects) -> list[Subject]:
    if ON_PAIR.search(rule.text):
        return [subjects.of_pair(deployment)]
    return [subjects.of_stack(stack) for stack in deployment.stacks]


@cache
def loaded(rule: Rule) -> PythonRule:
    return PythonRule(rule)


def _python(rule: Rule, deployments: Sequence[Deployment | Update], _subjects: Subjects | None = None) -> Findings:
    known = loaded(rule)
    if not any(known.applies(deployment) for deployment in deployments):
        raise _applies_to_nothing(rule, f"no scenario has any of {', '.join(known.applies_to)}")
    for deployment in deployments:
        yield from known.run(deployment)


def _guard(rule: Rule, deployments: Sequence[Deployment], subjects: Subjects) -> Iterator[Finding]:
    file, paired = _file(rule), bool(ON_PAIR.search(rule.text))
    blocks: list[Block] = []
    if looks_at_each_resource(file.text) and not paired:
        blocks += passing(file, subjects.of_all(deployments))
    for deployment in deployments if not blocks else ():
        for stack, subject in zip(deployment.stacks, _subjects_of(rule, deployment, subjects), strict=False):
            for block in evaluate(file, subject):
                blocks.append(block)
                for failure in block.failures:
                    yield _placed(rule, deployment, stack, paired, failure)
    asked = {block.name for block in blocks}
    answered = {block.name for block in blocks if block.status != "SKIP"}
    if asked - answered:
        why = f"Guard skips {', '.join(sorted(asked - answered))} in every scenario"
        raise _applies_to_nothing(rule, why, partly=bool(answered))


def _placed(rule: Rule, deployment: Deployment, stack: Stack, paired: bool, failure: Failure) -> Finding:
    path, message, fix, replacement = failure
    side = deployment.target if path[:1] == ("Target",) else deployment.source
    found = (
        deployment.finding(side, path[1:], message, fix, replacement)
        if paired
        else stack.finding(path, message, fix, replacement)
    )
    return replace(found, rule=rule.name, severity=rule.severity, pack=rule.pack)
