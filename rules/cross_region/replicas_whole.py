"""A bucket that replicates sends every object, and every deletion, to the other stack's bucket.

S3 replicates what the filters of enabled rules take, and deletions only where a rule says so: the copy of a bucket of
which a part is replicated, or in which deleted objects stay, is no bucket to go on with. Where two buckets replicate to
each other, new tags, locks and access lists of a copy go back only if both sync the modifications of replicas.
A copy that is meant to be a
part, or to outlive deletions, is a reason to leave this rule out for that bucket.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-marker-replication.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of, resources_by_name

APPLIES_TO = ("AWS::S3::Bucket",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            stated = properties.get("ReplicationConfiguration", {}).get("Rules", [])
            rules = [rule for rule in stated if rule.get("Status") == "Enabled"]
            path = properties_path(logical, "ReplicationConfiguration")
            if mutual(deployment, stack, logical, rules) and not all(map(syncs, rules)):
                message = f"{logical} and the other stack's bucket replicate to each other, without changes of replicas"
                fix = "set SourceSelectionCriteria.ReplicaModifications.Status to Enabled in each rule"
                yield stack.finding(path, message, fix)
            if rules and not any(takes_everything(rule) for rule in rules):
                message = f"{logical} has no enabled rule that replicates every object"
                yield stack.finding(path, message, 'add an enabled rule with the filter {"Prefix": ""}')
            if not all(rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled" for rule in rules):
                message = f"{logical} does not replicate deletions"
                yield stack.finding(path, message, "set DeleteMarkerReplication.Status to Enabled in each rule")


def mutual(deployment: Deployment, stack: Stack, bucket: str, rules: list[Mapping[str, Any]]) -> bool:
    """Tell whether a bucket replicates to one of the other stack that replicates to it."""
    other = deployment.other(stack)
    buckets = resources_by_name(other, "AWS::S3::Bucket")
    copies = {buckets.get(destination(rule)) for rule in rules} - {None}
    back = (
        destination(rule)
        for copy in copies
        for rule in other.resources[str(copy)]["Properties"].get("ReplicationConfiguration", {}).get("Rules", [])
        if rule.get("Status") == "Enabled"
    )
    return any(resource_of(stack, arn, "AWS::S3::Bucket") == bucket for arn in back)


def destination(rule: Mapping[str, Any]) -> str:
    return str(rule.get("Destination", {}).get("Bucket"))


def syncs(rule: Mapping[str, Any]) -> bool:
    modifications = rule.get("SourceSelectionCriteria", {}).get("ReplicaModifications", {})
    return bool(modifications.get("Status") == "Enabled")


def takes_everything(rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule is for all objects: an empty filter, or none."""
    found = rule.get("Filter", {})
    return not rule.get("Prefix") and not found.get("Prefix") and "TagFilter" not in found and "And" not in found
