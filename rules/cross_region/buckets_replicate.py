"""A bucket that replicates can: to a versioned bucket that is there, with what its rules need beside each other.

A bucket of another account may take their place: what it is like nobody can tell from here.

S3 replicates only what an enabled rule names, only from and to versioned buckets, and only into a bucket that is there
when the rule is made. Time control needs metrics and knows fifteen minutes only; an owner other than this account has
to be named together with the override that makes it the owner. A rule with a filter states its priority and what
becomes of delete markers.
Objects that a key of KMS encrypts are left out unless the rule selects them and names a key of the destination's region
for the copies; objects that are archived at once are archived before they are copied.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-change-owner.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html (a filter)
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.topology.elsewhere import others_create
from stackproof.topology.lifecycles import days, lifecycle_rules
from stackproof.topology.replication import encryption, selects_kms
from stackproof.topology.resource_index import forms, resource_of
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::S3::Bucket",)
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
VERSIONED = "set VersioningConfiguration.Status to Enabled"
SELECTED = "set SourceSelectionCriteria.SseKmsEncryptedObjects.Status to Enabled"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            if "ReplicationConfiguration" in properties:
                path = properties_path(logical, "ReplicationConfiguration")
                for why_not, fix in wrong(deployment, stack, logical, properties):
                    yield stack.finding(path, f"{logical} {why_not}", fix)


def wrong(
    deployment: Deployment, stack: Stack, bucket: str, properties: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Give what keeps a bucket from replicating everything to the other side, and the edit that lets it."""
    other = deployment.other(stack)
    rules = [
        entry for entry in properties["ReplicationConfiguration"].get("Rules", []) if entry.get("Status") == "Enabled"
    ]
    if not is_versioned(properties):
        yield "replicates, and keeps no versions", VERSIONED
    if not rules:
        yield "has no enabled rule, so nothing is replicated", "enable a rule, or remove ReplicationConfiguration"
    yield from archived(properties)
    buckets = resources_by_name(other, "AWS::S3::Bucket")
    for rule in rules:
        yield from unfiltered(rule)
        to = rule.get("Destination", {})
        arn = str(to.get("Bucket"))
        if str(to.get("Account", stack.scenario.account)) != stack.scenario.account:
            if arn in buckets:
                why_not = f"replicates to {arn} of the account {to['Account']}, though this account's stack creates it"
                yield why_not, "remove Destination.Account, or name the bucket of that account"
        elif others_create(deployment, arn) or (deployment.external is None and own_copy(stack, bucket, arn)):
            continue
        elif arn not in buckets and arn not in forms(stack, bucket) and not of_functions(arn):
            why_not = f"replicates to {arn}, which the stack in {other.scenario.region} does not create"
            yield why_not, f"set Destination.Bucket to the ARN of a bucket of the stack in {other.scenario.region}"
        elif arn in buckets and not is_versioned(other.resources[buckets[arn]].get("Properties", {})):
            yield f"replicates to {arn}, which keeps no versions", f"{VERSIONED} of {buckets[arn]}"
        yield from untimely(to)
        yield from unencrypted(stack, other, properties, rule)
        if ("Account" in to) != ("AccessControlTranslation" in to):
            why_not = "names another account without making it the owner of the replicas, or the other way round"
            yield why_not, "write Account and AccessControlTranslation together, or neither"


def own_copy(stack: Stack, bucket: str, arn: str) -> bool:
    """Tell whether a bucket has its copy in another one of its own stack, which keeps versions."""
    copy = resources_by_name(stack, "AWS::S3::Bucket").get(arn)
    return copy not in (None, bucket) and is_versioned(stack.resources[str(copy)].get("Properties", {}))


def unfiltered(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what a rule with a filter lacks: S3 refuses the filter without it."""
    lacking = [name for name in ("DeleteMarkerReplication", "Priority") if name not in rule]
    if "Filter" in rule and lacking:
        yield (
            f"has a rule with a Filter and without {' and '.join(lacking)}",
            f"set {' and '.join(lacking)} in the rule",
        )


def untimely(to: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    control, metrics = to.get("ReplicationTime", {}), to.get("Metrics", {})
    if control.get("Status") == "Enabled":
        if metrics.get("Status") != "Enabled":
            yield "has time control without metrics", "set Destination.Metrics.Status to Enabled"
        for holder, key in ((control, "Time"), (metrics, "EventThreshold")):
            minutes = holder.get(key, {}).get("Minutes")
            if minutes is not None and str(minutes) != "15":
                yield f"has {key} of {minutes} minutes, and time control knows 15 only", f"set {key}.Minutes to 15"


def archived(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what archives objects on the day they are written, so that S3 may not copy them any more."""
    for rule in lifecycle_rules(properties):
        for move in rule.moves:
            if days(move.get("TransitionInDays")) < 1 and move.get("StorageClass") in ARCHIVES:
                why_not = f"moves objects to {move['StorageClass']} at once, from where S3 does not replicate them"
                yield why_not, "set TransitionInDays of this move to 1 or more"


def unencrypted(
    stack: Stack, other: Stack, properties: Mapping[str, Any], rule: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Give what keeps objects that are encrypted by a key of KMS, or their copies, from being replicated."""
    to = rule.get("Destination", {})
    key = str((to.get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID", ""))
    by_kms, selected = encryption(properties).by_kms, selects_kms(rule)
    if by_kms and not selected:
        yield (
            "encrypts by KMS, and its rule does not enable SseKmsEncryptedObjects: S3 replicates none of its objects",
            SELECTED,
        )
    if selected and not key:
        why_not = "selects SseKmsEncryptedObjects, and names no ReplicaKmsKeyID for the copies"
        yield why_not, f"set EncryptionConfiguration.ReplicaKmsKeyID to a key of {other.scenario.region}"
    if key and not selected:
        yield "names ReplicaKmsKeyID, and does not select SseKmsEncryptedObjects", SELECTED
    target = resource_of(other, to.get("Bucket"), "AWS::S3::Bucket")
    if not key or not target or other.scenario.region == stack.scenario.region:
        return
    fields = key.split(":")
    region = fields[3] if key.startswith("arn:") and len(fields) > 3 else ""
    own = resource_of(stack, key, "AWS::KMS::Key", "AWS::KMS::Alias")
    if own or (region and region != other.scenario.region):
        where = region or stack.scenario.region
        why_not = f"encrypts the copies in {other.scenario.region} with {key}, which is of {where}"
        yield why_not, f"set ReplicaKmsKeyID to a key of {other.scenario.region}"
    elif region and ":alias/" in key and not of_functions(key) and not resource_of(other, key, "AWS::KMS::Alias"):
        why_not = f"encrypts the copies with {key}, which the stack in {region} does not create"
        yield why_not, f"set ReplicaKmsKeyID to a key or an alias of the stack in {region}"


def is_versioned(properties: Mapping[str, Any]) -> bool:
    return bool(properties.get("VersioningConfiguration", {}).get("Status") == "Enabled")
