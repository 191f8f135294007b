"""Replication says by when an object must have arrived, and measures it.

Without replication time control an object arrives whenever it does, and nothing is published by which an alarm could
tell; S3 takes both or neither, with 15 minutes each. A rule without a filter is of the old kind, which knows neither
priorities nor delete markers.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, properties_path

APPLIES_TO = ("AWS::S3::Bucket",)
MINUTES = 15


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            path = properties_path(logical, "ReplicationConfiguration", "Rules")
            for index, rule in enumerate(properties.get("ReplicationConfiguration", {}).get("Rules", [])):
                yield from of_rule(stack, logical, rule, (*path, index))


def of_rule(stack: Stack, logical: str, rule: dict[str, Any], path: Path) -> Iterator[Finding]:
    destination = rule.get("Destination", {})
    for name, part in (("ReplicationTime", "Time"), ("Metrics", "EventThreshold")):
        stated = destination.get(name, {})
        minutes = stated.get(part, {}).get("Minutes")
        if stated.get("Status") != "Enabled" or minutes != MINUTES:
            where = (*path, "Destination", name) if name in destination else (*path, "Destination")
            message = f"replication of {logical} has {name} {stated.get('Status', 'unset')} at {minutes} minutes"
            yield stack.finding(where, message, f"enable {name} with {part} of {MINUTES} minutes")
    for name in ("Filter", "Priority"):
        if name not in rule:
            yield stack.finding(path, f"a replication rule of {logical} has no {name}", f"add {name}")
