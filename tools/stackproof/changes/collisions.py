"""What is there twice while an update is under way: what comes meets what goes only later, or stays for good.

Source: CloudFormation User Guide, "Update behaviors of stack resources": what is created comes before what is deleted
goes; and of each type what there can be once, see `topology.claims`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stackproof.aws.updates import deleted_first
from stackproof.changes.resource import Action, ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update
from stackproof.evaluation.stack import Stack
from stackproof.topology.claims import Claim, claims


class Collision(NamedTuple):
    """A resource that comes with what another one, of `holder`, still has; `fate` is what becomes of that one."""

    side: StackUpdate
    change: ResourceChange
    claim: Claim
    holder: str
    stack: Stack
    fate: Action | None


def collisions(update: Update) -> Iterator[Collision]:
    """Give what an update creates beside what still has its name, or what else there can be once."""
    for side in update.sides:
        coming = {change.logical: change for change in side.changes if change.comes}
        if not coming:
            continue
        other = update.other(side)
        here, there = held(side.before) if side.is_same_stack else {}, held(other.before)
        later, theirs = held(side.after), held(other.after)
        for claim in claims(side.after):
            key = claim.of(side.after)
            if claim.logical not in coming:
                continue
            holder = here.get(key)
            if holder and not _is_quiet(side, coming[claim.logical], holder, later.get(key)):
                yield Collision(side, coming[claim.logical], claim, holder, side.before, _fate(side, holder))
            holder = there.get(key)
            if holder and key not in theirs and (update.first == side.side or _fate(other, holder) == "retain"):
                yield Collision(side, coming[claim.logical], claim, holder, other.before, _fate(other, holder))


def held(stack: Stack) -> Mapping[tuple[str, ...], str]:
    """Return the resources of a stack by what they claim."""
    return {claim.of(stack): claim.logical for claim in claims(stack)}


def _is_quiet(side: StackUpdate, change: ResourceChange, holder: str, later: str | None) -> bool:
    """Tell whether the old one goes before the new one comes, or the template itself has it twice."""
    if holder == change.logical:
        return deleted_first(change.kind)
    return later == holder and side.stays(holder)


def _fate(side: StackUpdate, holder: str) -> Action | None:
    change = side.by_id.get(holder)
    return change.fate if change else None
