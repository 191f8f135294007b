"""The updates of both stacks of a deployment, in the order in which they are done, and what stands between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stackproof.changes.resource import ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.evaluation.deployment import Deployment, resolved
from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Side
from stackproof.topology.dependencies import OutputParameter, deployed_first, wires


@dataclass(frozen=True, eq=False)
class Update:
    """A deployment before and after an update: two stacks that become two others."""

    before: Deployment
    after: Deployment

    @property
    def name(self) -> str:
        return self.after.name

    @cached_property
    def source(self) -> StackUpdate:
        return StackUpdate(self.before.source, self.after.source)

    @cached_property
    def target(self) -> StackUpdate:
        return StackUpdate(self.before.target, self.after.target)

    @property
    def sides(self) -> tuple[StackUpdate, StackUpdate]:
        return self.source, self.target

    @property
    def stacks(self) -> tuple[Stack, ...]:
        """All four stacks: what a rule may speak of."""
        return (*self.after.stacks, *self.before.stacks)

    @cached_property
    def first(self) -> Side:
        """The side that is updated first, as `stackproof plan` orders it; raises CannotTell where there is no order."""
        return deployed_first(self.after.source.template, _pair(self.after))

    @property
    def in_order(self) -> tuple[StackUpdate, StackUpdate]:
        return self.sides if self.first == "source" else (self.target, self.source)

    @property
    def changes(self) -> Iterator[tuple[StackUpdate, ResourceChange]]:
        """Every change of both stacks."""
        return ((side, change) for side in self.sides for change in side.changes)

    def other(self, side: StackUpdate) -> StackUpdate:
        return self.target if side is self.source else self.source

    @property
    def between(self) -> Deployment:
        """What stands when the first stack is updated and the second is not, each as it was worked out with its own."""
        new = self.first
        source = (self.after if new == "source" else self.before).source
        target = (self.after if new == "target" else self.before).target
        return Deployment(self.name, source, target, self.after.external)

    @cached_property
    def handed_over(self) -> tuple[OutputParameter, ...]:
        """The parameters of each side that an output of the other side tells, before the update."""
        return wires(self.before.source.template, _pair(self.before))

    def resolved_between(self) -> Deployment:
        """Work out what stands between anew, each stack with the outputs that the other then has.

        Raises CannotTell where one reads an output that the other has no more, or not yet.
        """
        pair = _pair(self.between)
        return replace(resolved(pair.source.template or self.after.source.template, pair), external=self.after.external)


def _pair(deployment: Deployment) -> Pair:
    return Pair(deployment.name, *(replace(stack.scenario, template=stack.template) for stack in deployment.stacks))


def updates(before: Sequence[Deployment], after: Sequence[Deployment]) -> tuple[Update, ...]:
    """Return the updates of the deployments that there are before and after, by name."""
    known = {deployment.name: deployment for deployment in before}
    return tuple(Update(known[deployment.name], deployment) for deployment in after if deployment.name in known)
