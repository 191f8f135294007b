"""A plan carried out: its operations one after the other, each told what the other stack knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.table import counts, part
from stackproof.deploy.change_set import Body, Change, Changer
from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.forecast import forecast
from stackproof.deploy.stack_events import StackState, standing, where
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.plan.operations import Operation, Plan, capabilities
from stackproof.report.updates import rows

Bodies = Callable[[Operation, Mapping[str, str]], Body]
"""Gives the template as it is sent for an operation with its parameters."""


@dataclass(frozen=True)
class Job:
    """A plan, and what carries it out."""

    template: Document
    plan: Plan
    cloud: Cloud
    screen: Screen
    body: Bodies
    foretells: bool = False
    """Whether each operation on a stack that stands is compared with what it is expected to do."""


def deploy(job: Job, *, dry: bool = False) -> int:
    """Do the operations in order; return how many changed anything. Run again, it goes on where it stopped."""
    changer = Changer(job.cloud, job.screen, dry)
    for operation in job.plan.operations:
        if operation.switches and standing(job.cloud, operation.scenario.region, operation.scenario.stack) is None:
            message = (
                f"the {operation.scenario.side} stack {where(operation.scenario)} is not there, so nothing is switched"
            )
            raise CannotTell(message, fix="deploy both stacks first")
    changed = 0
    for number, operation in enumerate(job.plan.operations, 1):
        job.screen.say(f"{number}. {operation.title}")
        try:
            values = parameters(job, operation, changer)
        except Unknown as error:
            if not dry:
                raise
            job.screen.say(f"  cannot be shown before the operations above are done: {error.message}")
            continue
        expected = None
        if job.foretells:
            try:
                expected = expected_of(job, operation, values, changer)
            except (CannotTell, Failed) as error:
                job.screen.say(f"  what is expected of it cannot be told: {error.message}")
        changed += changer.apply(replace(change(job, operation, values), expected=expected))
    return changed


def expected_of(job: Job, operation: Operation, values: Mapping[str, str], changer: Changer) -> StackUpdate | None:
    """Return what an operation will do to the stack as it stands; None where there is no stack yet."""
    at = changer.ready(operation.scenario)
    if at is None or at.status == "REVIEW_IN_PROGRESS":
        return None
    template = None if operation.switches else job.template
    return forecast(job.cloud, template, operation.scenario, values, at)


def foretell(job: Job) -> None:
    """Show what each operation will do, as far as it can be told before any is done."""
    changer = Changer(job.cloud, job.screen, dry=True)
    for number, operation in enumerate(job.plan.operations, 1):
        try:
            expected = expected_of(job, operation, parameters(job, operation, changer), changer)
        except (CannotTell, Failed) as error:
            job.screen.say(f"{number}. {operation.title}: what changes cannot be told yet: {error.message}")
            continue
        if expected is None:
            job.screen.say(f"{number}. {operation.title}: the stack is not there yet, everything is created")
            continue
        found = part(expected)
        job.screen.say(f"{number}. {operation.title}: {counts([found])}")
        for line in rows(found):
            job.screen.say(line)


def destroy(job: Job) -> int:
    """Delete both stacks in the opposite order; return how many there were."""
    changer = Changer(job.cloud, job.screen)
    deleted = 0
    for number, operation in enumerate(job.plan.deletions, 1):
        job.screen.say(f"{number}. {operation.title}")
        if operation.action == "delete":
            found = changer.delete(operation.scenario)
            deleted += found
            job.screen.say("  deleted" if found else "  there is none")
            continue
        at = changer.ready(operation.scenario)
        if at and at.status != "REVIEW_IN_PROGRESS":
            cleared = {name: value for name, value in operation.cleared.items() if name in at.parameters}
            body = job.body(operation, operation.values)
            values = cleared if body == Body() else dict(operation.values)
            changer.apply(Change(operation.scenario, body, values, capabilities(job.template), 1))
    return deleted


class Unknown(CannotTell):
    """What an operation is to be told is not known yet."""


def parameters(job: Job, operation: Operation, changer: Changer) -> dict[str, str]:
    """Return the parameters of an operation, those from the other stack's outputs included."""
    values = dict(operation.values)
    if operation.learned:
        at = standing(job.cloud, operation.other.region, operation.other.stack)
        for parameter, output in operation.learned.items():
            values[parameter] = output_of(operation, at, output)
    if operation.kept:
        at = changer.ready(operation.scenario)
        values |= {name: at.parameters.get(name, first) if at else first for name, first in operation.kept.items()}
    return values


def output_of(operation: Operation, at: StackState | None, output: str) -> str:
    if at is None or output not in at.outputs:
        lacking = f"has no output {output}" if at else "is not there"
        message = f"the {operation.other.side} stack {where(operation.other)} {lacking}, which {operation.title} needs"
        raise Unknown(message, fix=f"deploy the {operation.other.side} stack before it")
    return at.outputs[output]


def change(job: Job, operation: Operation, values: Mapping[str, str]) -> Change:
    count = len(job.template.value["Resources"])
    body = Body() if operation.switches else job.body(operation, values)
    return Change(operation.scenario, body, values, capabilities(job.template), count)
