"""What a function reads of a bucket is not replicated into a storage class from which nothing is read at once.

Replicas in GLACIER or DEEP_ARCHIVE have to be restored before they are read, which takes from minutes to two days: the
code of the other region, which reads them as the first region reads its objects, fails with InvalidObjectState.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-additional-configs.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, as_list, as_mapping, properties_path, resource_of
from stackproof.iam.need import Need
from stackproof.iam.needs import needs_of

APPLIES_TO = ("AWS::S3::Bucket",)
COLD = ("GLACIER", "DEEP_ARCHIVE")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            stated = as_mapping(properties.get("ReplicationConfiguration"))
            for index, rule in enumerate(as_list(stated.get("Rules", []))):
                to = as_mapping(rule.get("Destination"))
                cold, bucket = str(to.get("StorageClass")), str(to.get("Bucket"))
                if cold in COLD and rule.get("Status") == "Enabled" and resource_of(other, bucket, "AWS::S3::Bucket"):
                    for reader in readers(other, bucket)[:1]:
                        message = f"{logical} keeps replicas in {cold}, and {reader.why} reads them at once"
                        where = ("ReplicationConfiguration", "Rules", index, "Destination", "StorageClass")
                        fix = "choose a class that is read at once, such as STANDARD_IA or GLACIER_IR"
                        yield stack.finding(properties_path(logical, *where), message, fix)


def readers(stack: Stack, bucket: str) -> list[Need]:
    """Return what reads objects of a bucket in a stack."""
    return [
        need
        for needs in needs_of(stack).values()
        for need in needs.known
        if need.action == "s3:GetObject" and need.covers().startswith(f"{bucket}/")
    ]
