"""No object is left out of replication for its encryption: what SSE-KMS encrypts is selected, or refused.

Replication skips objects that SSE-KMS encrypts, and says so nowhere but in the status of each object, unless the rule
selects them and names a key for the replicas. Whoever may put objects may ask for such encryption; only the bucket's
policy can refuse it.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, properties_path
from stackproof.aws.arn import covers
from stackproof.iam.statements import Statement, statements

APPLIES_TO = ("AWS::S3::Bucket",)
HEADER = "s3:x-amz-server-side-encryption"
KMS = ("aws:kms", "aws:kms:dsse")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            rules = properties.get("ReplicationConfiguration", {}).get("Rules", [])
            if all(selects(rule) for rule in rules):
                continue
            path = properties_path(logical, "ReplicationConfiguration")
            if default := encrypted_by(properties):
                message = f"{logical} encrypts with {default} by default, and does not replicate what is so encrypted"
                yield stack.finding(path, message, "add SourceSelectionCriteria with SseKmsEncryptedObjects")
            accepted = [kind for kind in KMS if not refused(stack, logical, kind)]
            if accepted:
                message = (
                    f"{logical} takes objects encrypted with {' and '.join(accepted)}, and does not replicate them"
                )
                fix = f"deny s3:PutObject where {HEADER} is {' or '.join(KMS)}, or select such objects"
                yield stack.finding(path, message, fix)


def selects(rule: Mapping[str, Any]) -> bool:
    """Tell whether a replication rule takes objects that SSE-KMS encrypts, and says what encrypts the replicas."""
    selected = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status") == "Enabled"
    named = rule.get("Destination", {}).get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
    return rule.get("Status") != "Enabled" or bool(selected and named)


def encrypted_by(properties: Mapping[str, Any]) -> str:
    """Return the algorithm of SSE-KMS that a bucket encrypts with where nobody asks, "" if it is another."""
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
    found = [str(rule.get("ServerSideEncryptionByDefault", {}).get("SSEAlgorithm")) for rule in rules]
    return next((algorithm for algorithm in found if algorithm in KMS), "")


def refused(stack: Stack, bucket: str, kind: str) -> bool:
    """Tell whether the bucket's policy denies everybody to put an object with a kind of encryption."""
    name = str(stack.evaluator.references.ref(bucket))
    owners = {
        owner for owner, properties in stack.of_type("AWS::S3::BucketPolicy") if str(properties.get("Bucket")) == name
    }
    objects = f"{stack.evaluator.references.attribute(bucket, 'Arn')}/object"
    return any(
        statement.owner in owners
        and statement.effect == "Deny"
        and any(who in (("*", "*"), ("AWS", "*")) for who in statement.principals)
        and any(covers(action, "s3:PutObject", fold=True) for action in statement.actions)
        and any(covers(resource, objects) for resource in statement.resources)
        and denies(statement, kind)
        for statement in statements(stack)
    )


def denies(statement: Statement, kind: str) -> bool:
    """Tell whether a denial meets a request for a kind of encryption, by that alone."""
    met = []
    for operator, conditions in statement.conditions.items():
        for key, values in conditions.items():
            texts = [str(value) for value in as_list(values)]
            plain = operator.removesuffix("IfExists")
            if key.lower() != HEADER:
                return False
            met.append(
                (plain in ("StringEquals", "StringLike") and any(fnmatchcase(kind, text) for text in texts))
                or (
                    plain in ("StringNotEquals", "StringNotLike")
                    and not any(fnmatchcase(kind, pattern) for pattern in texts)
                )
            )
    return bool(met) and all(met)
