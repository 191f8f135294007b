"""Where a bucket replicates, something copies the objects that were there before.

A replication rule takes what is put after it was made, and nothing else: what lay in the bucket stays behind, and
nobody is told. A state machine copies it by a job of S3 Batch Operations with the operation S3ReplicateObject, from
that bucket. Where two buckets replicate to each other one such job is enough: what the second one holds came from
the first, or was put after both rules were there.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of
from stackproof.code.state_machines import all_states, state_machines

APPLIES_TO = ("AWS::S3::Bucket",)


def check(deployment: Deployment) -> Iterator[Finding]:
    copied = {(stack.scenario.side, bucket) for stack in deployment.stacks for bucket in backfilled(stack)}
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for logical, properties in stack.of_type("AWS::S3::Bucket"):
            rules = properties.get("ReplicationConfiguration", {}).get("Rules", [])
            back = {(other.scenario.side, to) for rule in rules if (to := destination(other, rule))}
            if rules and (stack.scenario.side, logical) not in copied and not back & copied:
                message = f"{logical} replicates, and nothing copies the objects that are there already"
                fix = "start a job of S3 Batch Operations with S3ReplicateObject in a state machine"
                yield stack.finding(properties_path(logical, "ReplicationConfiguration"), message, fix)


def destination(other: Stack, rule: Mapping[str, Any]) -> str | None:
    return resource_of(other, str(rule.get("Destination", {}).get("Bucket")))


def backfilled(stack: Stack) -> Iterator[str]:
    """Give the buckets of a stack whose objects a state machine of it copies by a job of S3."""
    for machine in state_machines(stack):
        for state in all_states(machine):
            arguments = state.arguments()
            job: Mapping[str, Any] = arguments if isinstance(arguments, Mapping) else {}
            if "S3ReplicateObject" in job.get("Operation", {}):
                manifest = job.get("ManifestGenerator", {}).get("S3JobManifestGenerator", {})
                if bucket := resource_of(stack, str(manifest.get("SourceBucket"))):
                    yield bucket
