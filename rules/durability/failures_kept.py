"""What could not be processed stays for a week at the least, so that somebody reads it after a long weekend.

A failed batch, a rejected record or an error output is written once, and nothing reads it but a person. A lifecycle
that empties its bucket or its prefix in a few days deletes the only copy of data that the stream has forgotten by then.
Source: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of
from stackproof.topology.lifecycles import lifecycle_rules
from stackproof.topology.replication import BUCKET

APPLIES_TO = ("AWS::S3::Bucket",)
LEAST = 7
DISCARDED = "aws/lambda/"
"""Where Lambda writes what it discards. Source: Lambda Developer Guide, "Retain discarded batch records"."""
WORDS = re.compile(r"(?:^|[^a-z])(?:dead|dlq|error|fail|invalid|park|poison|quarantin|reject|undeliver|unprocess)")
"""How prefixes begin that hold what could not be processed."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        written = [*destinations(stack), *outputs(stack)]
        for logical, properties in stack.of_type(BUCKET):
            prefixes = {prefix: why for bucket, prefix, why in written if bucket == logical}
            for rule in lifecycle_rules(properties):
                met = [why for prefix, why in prefixes.items() if overlap(rule.prefix, prefix)]
                if not met and WORDS.search(rule.prefix.lower()):
                    met = [f"what stands in {rule.prefix}"]
                if rule.expires < LEAST and met:
                    many = "day" if rule.expires == 1 else "days"
                    message = f"rule {rule.name} of {logical} deletes {met[0]} after {rule.expires:g} {many}"
                    path = properties_path(logical, "LifecycleConfiguration", "Rules", rule.at, "ExpirationInDays")
                    yield stack.finding(path, message, f"keep it for {LEAST} days at the least")


def overlap(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def destinations(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Give the buckets that take what Lambda gives up: each with the beginning of its keys, and whose failures."""
    for logical, properties in stack.of_type("AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig"):
        to = ((properties.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        bucket = resource_of(stack, to, BUCKET) if to else None
        if bucket:
            yield bucket, DISCARDED, f"what {logical} could not process"


def outputs(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Give the buckets that take what Firehose cannot deliver."""
    for logical, properties in stack.of_type("AWS::KinesisFirehose::DeliveryStream"):
        for name, to in properties.items():
            if name.endswith("DestinationConfiguration") and isinstance(to, dict):
                yield from errors_of(stack, logical, to)


def errors_of(stack: Stack, stream: str, to: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    failed = to.get("S3BackupMode") in ("FailedDataOnly", "FailedDocumentsOnly", "FailedEventsOnly")
    for destination, whole in ((to, False), (to.get("S3Configuration") or {}, failed)):
        bucket = resource_of(stack, destination.get("BucketARN", destination.get("BucketArn", "")), BUCKET)
        prefix = str(destination.get("ErrorOutputPrefix", destination.get("Prefix", "") if whole else "")).partition(
            "!{"
        )[0]
        if bucket and (whole or prefix):
            yield bucket, prefix, f"what {stream} could not deliver"
