"""No update shortens the time for which data is kept.

Records of a stream, events of a log group, messages of a queue and backups that are older than the new time are gone
at once, and do not come back with the old time.
Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
pack: resilience
on: update
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from stackproof.api import Finding, values_at, written
from stackproof.aws.updates import shortened_by
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)
FOREVER = "forever"


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.action not in ("update", "interrupt", "may replace"):
            continue
        for dotted, default in shortened_by(change.kind).items():
            before, after = (kept(change.properties_of(version), dotted, default) for version in ("before", "after"))
            if before is not None and after is not None and after < before:
                becomes = f"{dotted} {shown(before)} becomes {shown(after)}"
                message = f"{change.logical}: {becomes}, what is older is deleted at once"
                fix = f"leave it at {shown(before)}, or copy what is to be kept first"
                at = ("Properties", *dotted.split("."))
                yield side.finding(change, message, fix, *at)


def kept(properties: Mapping[str, Any], dotted: str, default: Any) -> float | None:
    """Return for how long data is kept, None where only AWS knows."""
    value = next((value for _, value in values_at(properties, dotted)), default)
    if value == FOREVER:
        return inf
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def shown(value: float) -> str:
    return FOREVER if value == inf else written(value)
