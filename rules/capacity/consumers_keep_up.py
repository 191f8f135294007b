"""The functions that read a stream keep up with 10,000 records a second, though each batch takes half a second.

As many batches of a stream are under way as it has shards, times the parallelization factor. If together they take
fewer records a second than come in, the stream falls behind until records expire. A function that may not run that
often at once holds them back likewise.
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
pack: house
setting: records: how many records a second come in
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackproof.api import Deployment, Finding, number
from stackproof.topology.event_sources import LOAD, consumers

APPLIES_TO = ("AWS::Lambda::EventSourceMapping",)
BATCH_SECONDS = 0.5
"""What a batch is granted: four batch writes to a table, each tried again once."""


class Settings(NamedTuple):
    records: int = LOAD


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for consumer in consumers(stack, "AWS::Kinesis::Stream"):
            mapping, stream = consumer.properties, consumer.of(stack, consumer.source)
            # A stream on demand has the shards that its load needs.
            shards = number(stream, "ShardCount", settings.records / 1_000)
            batches = shards * number(mapping, "ParallelizationFactor", 1)
            rate = batches * number(mapping, "BatchSize", 100) / BATCH_SECONDS
            if rate < settings.records:
                message = f"{consumer.mapping} takes {rate:,.0f} records a second in {batches:g} batches at once"
                fix = "raise ParallelizationFactor or BatchSize"
                yield stack.finding(
                    ("Resources", consumer.mapping), f"{message}, and {settings.records:,} come in", fix
                )
            reserved = number(consumer.of(stack, consumer.function), "ReservedConcurrentExecutions", batches)
            if reserved < batches:
                message = f"{consumer.function} may run {reserved:g} times at once, and {batches:g} batches wait for it"
                path = ("Resources", consumer.function, "Properties", "ReservedConcurrentExecutions")
                yield stack.finding(path, message, "reserve as many as there are batches, or none")
