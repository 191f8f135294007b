"""Every delivery stream of Firehose can be created, and takes records from whom it is sent them.

A stream that reads a stream of Kinesis takes records from nobody else: a put is refused. A prefix with expressions
needs another one for what fails, a key out of the records needs dynamic partitioning and a processor that reads it, and
partitions need a buffer of 64 MB: all that is refused when the stack is created.
Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
Source: https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning.html
Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html
Source: https://github.com/aws/aws-cli/issues/7010
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Stack,
    as_list,
    as_mapping,
    is_true,
    number,
    properties_path,
    resource_of,
    values_at,
)
from stackproof.iam.needs import needs_of

APPLIES_TO = ("Resources",)
BY_STREAM = "KinesisStreamAsSource"
PUTS = ("firehose:PutRecord", "firehose:PutRecordBatch")
ELSEWHERE = "send them to the stream of Kinesis, or to a delivery stream of the type DirectPut"
HOSE = "AWS::KinesisFirehose::DeliveryStream"
SENDERS = {
    "AWS::Logs::SubscriptionFilter": ("DestinationArn",),
    "AWS::SNS::Subscription": ("Endpoint",),
    "AWS::Events::Rule": ("Targets.*.Arn",),
    "AWS::IoT::TopicRule": ("TopicRulePayload.Actions.*.Firehose.DeliveryStreamName",),
    "AWS::CloudWatch::MetricStream": ("FirehoseArn",),
    "AWS::Pipes::Pipe": ("Target",),
}
"""What puts records into a delivery stream, and where it names it."""
TO_S3 = ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration")
LEAST_BUFFER = 64


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(HOSE):
            yield from of_source(stack, logical, properties)
            for kind in TO_S3:
                destination = as_mapping(properties.get(kind))
                for key, message, fix in faults(destination):
                    path = properties_path(logical, kind, *((key,) if key in destination else ()))
                    yield stack.finding(path, f"{logical} {message}", fix)
        yield from of_code(stack)
        for kind, places in SENDERS.items():
            for logical, properties in stack.of_type(kind):
                for place in places:
                    yield from of_sender(stack, logical, properties, place)


def of_code(stack: Stack) -> Iterator[Finding]:
    """Find code and tasks of state machines that put records into a stream which reads its own source."""
    reading = [name for name, hose in stack.of_type(HOSE) if hose.get("DeliveryStreamType") == BY_STREAM]
    for needs in needs_of(stack).values() if reading else ():
        for need in needs.known:
            hose = resource_of(stack, need.covers(), HOSE) if need.action in PUTS else None
            if hose in reading and (need.function or stack.resources[str(need.path[1])]["Type"] not in SENDERS):
                message = f"{need.why} puts records into {hose}, which reads a stream of Kinesis and takes no others"
                yield need.finding(stack, message, ELSEWHERE)


def of_source(stack: Stack, logical: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    kind = str(properties.get("DeliveryStreamType", "DirectPut"))
    reads = "KinesisStreamSourceConfiguration" in properties
    if reads is not (kind == BY_STREAM) and kind in ("DirectPut", BY_STREAM):
        message = f"{logical} is of the type {kind} and has {'a' if reads else 'no'} stream of Kinesis as its source"
        fix = "set DeliveryStreamType to " + (BY_STREAM if reads else "DirectPut, or state the source")
        yield stack.finding(properties_path(logical), message, fix)


def of_sender(stack: Stack, logical: str, properties: Mapping[str, Any], place: str) -> Iterator[Finding]:
    for path, value in values_at(properties, place):
        hose = resource_of(stack, value, HOSE)
        stated = stack.resources[hose].get("Properties", {}) if hose else {}
        if stated.get("DeliveryStreamType") == BY_STREAM:
            message = f"{logical} puts records into {hose}, which reads a stream of Kinesis and takes no others"
            yield stack.finding(properties_path(logical, *path), message, ELSEWHERE)


def faults(destination: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give what Firehose refuses of a destination in S3: the property, what is wrong, the fix."""
    prefix, failed = str(destination.get("Prefix", "")), str(destination.get("ErrorOutputPrefix", ""))
    if "!{" in prefix and not failed:
        fix = "set ErrorOutputPrefix to a text with !{firehose:error-output-type}"
        yield "Prefix", f"has the prefix {prefix!r} and none for what fails", fix
    if failed and "!{" in failed + prefix and "!{firehose:error-output-type}" not in failed:
        message = f"has the prefix {failed!r} for what fails, without the kind of the failure"
        yield "ErrorOutputPrefix", message, "put !{firehose:error-output-type} into it"
    partitioned = is_true(as_mapping(destination.get("DynamicPartitioningConfiguration")).get("Enabled", False))
    processing = as_mapping(destination.get("ProcessingConfiguration"))
    kinds = {as_mapping(each).get("Type") for each in as_list(processing.get("Processors", []))}
    working = kinds if is_true(processing.get("Enabled", False)) else set()
    for namespace, processor in (("Query", "MetadataExtraction"), ("Lambda", "Lambda")):
        if f"!{{partitionKeyFrom{namespace}:" not in prefix:
            continue
        if not partitioned:
            message = "takes keys of the records into its prefix without dynamic partitioning"
            yield "Prefix", message, "set DynamicPartitioningConfiguration.Enabled to true"
        if processor not in working:
            message = f"takes keys of the records into its prefix, and no processor {processor} reads them"
            yield "Prefix", message, f"add a processor of the type {processor} to ProcessingConfiguration"
    buffer = as_mapping(destination.get("BufferingHints"))
    if partitioned and number(buffer, "SizeInMBs", LEAST_BUFFER) < LEAST_BUFFER:
        message = f"has partitions and a buffer of {buffer['SizeInMBs']} MB, less than {LEAST_BUFFER}"
        yield "BufferingHints", message, f"set SizeInMBs to {LEAST_BUFFER} or more"
