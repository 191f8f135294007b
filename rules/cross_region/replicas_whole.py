"""A bucket that replicates sends every object, and every deletion, to the other stack's bucket.

S3 replicates what the filters of enabled rules take, and deletions only where a rule says so: the copy of a bucket of
which a part is replicated, or in which deleted objects stay, is no bucket to go on with. A copy that is meant to be a
part, or to outlive deletions, is a reason to leave this rule out for that bucket.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, properties_path

APPLIES_TO = ("AWS::S3::Bucket",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            stated = properties.get("ReplicationConfiguration", {}).get("Rules", [])
            rules = [rule for rule in stated if rule.get("Status") == "Enabled"]
            path = properties_path(logical, "ReplicationConfiguration")
            if rules and not any(takes_everything(rule) for rule in rules):
                message = f"{logical} has no enabled rule that replicates every object"
                yield stack.finding(path, message, 'add an enabled rule with the filter {"Prefix": ""}')
            if not all(rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled" for rule in rules):
                message = f"{logical} does not replicate deletions"
                yield stack.finding(path, message, "set DeleteMarkerReplication.Status to Enabled in each rule")


def takes_everything(rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule is for all objects: an empty filter, or none."""
    found = rule.get("Filter", {})
    return not rule.get("Prefix") and not found.get("Prefix") and "TagFilter" not in found and "And" not in found
