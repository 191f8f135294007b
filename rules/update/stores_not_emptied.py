"""No update puts an empty store in the place of one that holds data.

A store that is replaced begins empty, though the old one is retained: readers find nothing, writers go on in another
place, and the old one, with its data, is no longer the stack's. Data moves by a copy: a second store beside the
first, filled, then taken into use.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
pack: resilience
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.aws.updates import holds_data
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.action == "replace" and holds_data(change.kind) and change.old in ("retain", "snapshot"):
            kept = "is retained outside the stack" if change.old == "retain" else "is left as a snapshot"
            message = (
                f"{change.logical} ({change.kind}) is replaced ({change.why}): the new one is empty, the old one {kept}"
            )
            fix = "take this change back; or add a second store, copy what is in the first, then use it"
            yield side.finding(change, message, fix)
