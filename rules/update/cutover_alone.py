"""A cutover changes who answers and nothing else, and at no moment does nobody answer.

An update that gives records other weights, and replaces or removes something on either side as well, takes away what
the way back needs. The stacks are updated one after the other: where the side that gives up is first, no record has
any weight between the two updates, and Route 53 then answers with all of them.
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
pack: resilience
severity: error
on: update
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.api import Finding
from stackproof.changes.resource import ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update
from stackproof.topology.records import Record, by_name, records

APPLIES_TO = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")


def check(update: Update) -> Iterator[Finding]:
    switched = [(side, record) for side in update.sides for record in moved(side)]
    if not switched:
        return
    for side, record in switched[:1]:
        beside = [(other, change.logical) for other in update.sides for change in taken(other)]
        if beside:
            named = ", ".join(f"{logical} in the {other.side}" for other, logical in beside[:3])
            more = f" and {len(beside) - 3} more" if len(beside) > 3 else ""
            message = (
                f"{record.logical} switches in the same update as {named}{more} is replaced, interrupted or taken out"
            )
            yield side.after.finding(
                record.path, message, "switch first, alone; change the rest when that has proven itself"
            )
    before = by_name(update.before.stacks)
    for key, held in by_name(update.between.stacks).items():
        if nobody(held) and key in before and not nobody(before[key]):
            first, second = update.in_order
            message = (
                f"no record of {held[0].name} has a weight while the {first.side} stack is updated and the "
                f"{second.side} stack is not"
            )
            fix = "switch with stackproof deploy --switch, which updates the side that takes over first"
            own = next((record for record in held if record.stack is first.after), held[0])
            yield own.stack.finding(own.path, message, fix)


def moved(side: StackUpdate) -> Iterator[Record]:
    """Give the records of a stack whose weight or part in a failover changes."""
    before = {record.logical: record for record in records(side.before)}
    for record in records(side.after):
        old = before.get(record.logical)
        if old and role(old) != role(record):
            yield record


def role(record: Record) -> tuple[str, str]:
    return str(record.properties.get("Weight")), str(record.properties.get("Failover"))


def taken(side: StackUpdate) -> Iterator[ResourceChange]:
    """Give what goes, is replaced or is interrupted beside the records."""
    for change in side.changes:
        if change.kind not in APPLIES_TO and (change.leaves or change.action == "interrupt"):
            yield change


def nobody(held: Sequence[Record]) -> bool:
    """Tell whether records are weighted, and none has a weight."""
    weights = [str(record.properties.get("Weight")) for record in held if "weighted" in record.policies]
    return bool(weights) and all(weight == "0" for weight in weights)
