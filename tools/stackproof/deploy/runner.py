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
    for one in job.plan.operations:
        if one.switches and standing(job.cloud, one.scenario.region, one.scenario.stack) is None:
            said = f"the {one.scenario.side} stack {where(one.scenario)} is not there, so nothing is switched"
            raise CannotTell(said, fix="deploy both stacks first")
    changed = 0
    for number, one in enumerate(job.plan.operations, 1):
        job.screen.say(f"{number}. {one.title}")
        try:
            values = parameters(job, one, changer)
        except Unknown as error:
            if not dry:
                raise
            job.screen.say(f"  cannot be shown before the operations above are done: {error.message}")
            continue
        changed += changer.apply(change(job, one, values))
    return changed


def destroy(job: Job) -> int:
    """Delete both stacks in the opposite order; return how many there were."""
    changer = Changer(job.cloud, job.screen)
    deleted = 0
    for number, one in enumerate(job.plan.deletions, 1):
        job.screen.say(f"{number}. {one.title}")
        if one.action == "delete":
            found = changer.delete(one.scenario)
            deleted += found
            job.screen.say("  deleted" if found else "  there is none")
            continue
        at = changer.ready(one.scenario)
        if at and at.status != "REVIEW_IN_PROGRESS":
            cleared = {name: value for name, value in one.cleared.items() if name in at.parameters}
            body = job.body(one, one.values)
            given = cleared if body == Body() else dict(one.values)
            changer.apply(Change(one.scenario, body, given, capabilities(job.template), 1))
    return deleted


class Unknown(CannotTell):
    """What an operation is to be told is not known yet."""


def parameters(job: Job, one: Operation, changer: Changer) -> dict[str, str]:
    """Return the parameters of an operation, those from the other stack's outputs included."""
    values = dict(one.values)
    if one.learned:
        at = standing(job.cloud, one.other.region, one.other.stack)
        for parameter, output in one.learned.items():
            values[parameter] = output_of(one, at, output)
    if one.kept:
        at = changer.ready(one.scenario)
        values |= {name: at.parameters.get(name, first) if at else first for name, first in one.kept.items()}
    return values


def output_of(one: Operation, at: StackState | None, output: str) -> str:
    if at is None or output not in at.outputs:
        lacking = f"has no output {output}" if at else "is not there"
        said = f"the {one.other.side} stack {where(one.other)} {lacking}, which {one.title} needs"
        raise Unknown(said, fix=f"deploy the {one.other.side} stack before it")
    return at.outputs[output]


def change(job: Job, one: Operation, values: Mapping[str, str]) -> Change:
    count = len(job.template.value["Resources"])
    body = Body() if one.switches else job.body(one, values)
    return Change(one.scenario, body, values, capabilities(job.template), count)
