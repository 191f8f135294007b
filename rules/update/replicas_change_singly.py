"""An update adds or removes one replica of a global table, never the stack's own; its stream stays as it is.

More than one replica in an update is refused, except of a table with strong consistency between regions; so are the
removal of the replica in the stack's region, and another stream while there is more than one replica.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Finding
from stackproof.changes.resource import ResourceChange
from stackproof.changes.update import Update

APPLIES_TO = ("AWS::DynamoDB::GlobalTable",)
STRONG = "STRONG"


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.kind not in APPLIES_TO or change.action not in ("update", "interrupt", "may replace"):
            continue
        before, after = (regions(change, version) for version in ("before", "after"))
        moved = sorted(before ^ after)
        strong = change.properties_of("after").get("MultiRegionConsistency") == STRONG
        if len(moved) > 1 and not strong:
            message = f"{change.logical}: replicas in {', '.join(moved)} come or go in one update; one at a time may"
            yield side.finding(change, message, "make one update for each region", "Properties", "Replicas")
        own = side.after.scenario.region
        if own in before - after:
            message = f"{change.logical}: the replica in {own}, the stack's own region, cannot be removed"
            yield side.finding(change, message, f"leave {own} among the Replicas", "Properties", "Replicas")
        if len(before) > 1 and any(changed.is_at("StreamSpecification") for changed in change.properties):
            message = f"{change.logical}: its stream cannot be changed while there are {len(before)} replicas"
            yield side.finding(change, message, "leave StreamSpecification as it was", "Properties")


def regions(change: ResourceChange, version: Any) -> set[str]:
    return {
        str(replica.get("Region"))
        for replica in change.properties_of(version).get("Replicas", [])
        if isinstance(replica, dict)
    }
