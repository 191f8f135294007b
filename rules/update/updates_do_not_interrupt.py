"""An update that interrupts a resource is meant to.

Some properties restart what they belong to (a database of another class, a table whose encryption changes), and some
resources go before their replacement comes (a subnet's route table, a VPC's gateway): nothing answers meanwhile.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html (replacementStrategy)
pack: resilience
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.aws.updates import deleted_first
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.action == "interrupt":
            message = f"{change.logical} ({change.kind}) is interrupted by its update: {change.why}"
            yield side.finding(change, message, "plan a time for it, and suppress this until then; or take it back")
        elif change.action == "replace" and deleted_first(change.kind):
            message = f"{change.logical} ({change.kind}) is deleted before it is created anew: {change.why}"
            yield side.finding(change, message, "plan a time for it, and suppress this until then; or take it back")
