"""What S3 replicates: how a bucket encrypts what it holds, and which of its replication rules are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.values import as_list, is_true
from stackproof.topology.resource_index import resource_of

BUCKET = "AWS::S3::Bucket"
KMS_ALGORITHMS = ("aws:kms", "aws:kms:dsse")
"""What encryption by a key of KMS is called. Source: Amazon S3 API Reference, PutBucketEncryption."""


class Encryption(NamedTuple):
    """The default encryption of a bucket: by KMS or not, by which key ("" for aws/s3), and whether by a bucket key."""

    by_kms: bool
    key: str
    bucket_key: bool


def encryption(properties: Mapping[str, Any]) -> Encryption:
    """Return the default encryption of a bucket, of its properties."""
    rules = as_list((properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration", []))
    for rule in rules:
        stated = rule.get("ServerSideEncryptionByDefault", {})
        if str(stated.get("SSEAlgorithm")) in KMS_ALGORITHMS:
            return Encryption(True, str(stated.get("KMSMasterKeyID", "")), is_true(rule.get("BucketKeyEnabled")))
    return Encryption(False, "", False)


def rules_in_force(properties: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give the enabled replication rules of a bucket, each with its place in the list."""
    for index, rule in enumerate((properties.get("ReplicationConfiguration") or {}).get("Rules", [])):
        if rule.get("Status") == "Enabled":
            yield index, rule


def destination(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = rule.get("Destination", {})
    return found


def selects_kms(rule: Mapping[str, Any]) -> bool:
    """Tell whether a rule takes objects that a key of KMS encrypts: it takes none unless it says so."""
    selected = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects") or {}
    return bool(selected.get("Status") == "Enabled")


def copies_of(source: Stack, into: Stack) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Give each bucket of one stack that replicates into a bucket of another: it, the rule, and that bucket."""
    for logical, properties in source.of_type(BUCKET):
        for _, rule in rules_in_force(properties):
            found = resource_of(into, destination(rule).get("Bucket"), BUCKET)
            if found and (source is not into or found != logical):
                yield logical, rule, found
