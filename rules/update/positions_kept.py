"""No update makes a consumer of a stream begin anew.

A mapping keeps its place in the stream, and another one does not know it: with TRIM_HORIZON it reads everything again
that the stream still has, with LATEST it never reads what came between. StartingPosition and the stream cannot be
changed in place, and another logical id is another mapping, which Lambda refuses while the old one is there.
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
pack: resilience
severity: error
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.aws.data import facts
from stackproof.changes.resource import ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update

APPLIES_TO = tuple(facts("updates", "position"))
BEGINS = {
    "TRIM_HORIZON": "reads again all that the stream still has",
    "LATEST": "never reads what comes between",
    "AT_TIMESTAMP": "reads again from a time on",
}


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.kind in APPLIES_TO and change.comes:
            old = change if change.action == "replace" else former(side, change)
            position = change.properties_of("after").get("StartingPosition")
            if old is not None and position is not None:
                begins = BEGINS.get(str(position), "begins anew")
                how = f"is replaced ({change.why})" if old is change else f"takes the place of {old.logical}"
                message = f"{change.logical} {how} and begins at {position}: it {begins}"
                fix = (
                    "take the change back, or stop the old one when it has read everything, and start the new one then"
                )
                yield side.finding(change, message, fix)


def former(side: StackUpdate, change: ResourceChange) -> ResourceChange | None:
    """Return the mapping that goes, of the same stream to the same function."""
    for old in side.changes:
        if old.before and old.before["Type"] == change.kind and old.leaves and old is not change:
            own, theirs = change.properties_of("after"), old.properties_of("before")
            if own.get("EventSourceArn") == theirs.get("EventSourceArn"):
                return old
    return None
