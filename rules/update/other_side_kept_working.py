"""What the other region's stack names by name or ARN is there until that stack is updated, too.

The two stacks are updated one after the other. A bucket, a topic or a vault of the first that gets another name is
gone while the second still sends to the old one: replication, notifications and copies of backups fail meanwhile.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
pack: resilience
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.changes.update import Update
from stackproof.topology.cross_region import MENTION, crossings

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    if not any(change.leaves for _, change in update.changes):
        return
    first, second = update.in_order
    for crossing in crossings(update.before):
        change = first.by_id.get(crossing.other)
        if crossing.side == second.side and crossing.kind != MENTION and change is not None and change.leaves:
            how = "is replaced" if change.after is not None else "is taken out"
            then = " and retained" if change.fate == "retain" else ""
            named = f"{crossing.logical} of the {second.side} stack still names it ({crossing.kind})"
            message = f"{change.logical} {how}{then}, while {named}"
            fix = f"add the new one beside it, update the {second.side} stack, then take the old one out"
            yield first.finding(change, message, fix)
