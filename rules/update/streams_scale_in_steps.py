"""The shards of a stream are at most doubled by an update, and at most halved.

UpdateShardCount refuses a target of more than double or less than half of the shards that are open; CloudFormation
calls it with what the template says, and rolls back.
Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, isnan

from stackproof.api import Finding, number
from stackproof.changes.update import Update

APPLIES_TO = ("AWS::Kinesis::Stream",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.kind not in APPLIES_TO or change.action != "update":
            continue
        before, after = (number(change.properties_of(version), "ShardCount", 0) for version in ("before", "after"))
        if isnan(before) or isnan(after) or not before or not after:
            continue
        if after > 2 * before or after < before / 2:
            least, most = ceil(before / 2), int(2 * before)
            message = f"{change.logical}: {before:g} shards become {after:g}; one update takes {least} to {most}"
            yield side.finding(
                change, message, f"go by steps: {most if after > before else least} first", "Properties", "ShardCount"
            )
