"""A plan carried out: its operations one after the other, each told what the other stack knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackproof.deploy.change_set import Body, Change, Changer
from stackproof.deploy.client import Cloud
from stackproof.deploy.stack_events import StackState, standing, where
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.plan.operations import Operation, Plan, capabilities

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
        changed += changer.apply(change(job, operation, values))
    return changed


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
