"""Every stream that a function reads carries 10,000 records a second, with whatever number of shards is accepted.

A shard takes 1,000 records a second; what comes beyond is refused to the producer. A stream on demand begins with 4,000
and doubles in minutes, unless it is warmed for what will come. Where a parameter gives the number of shards, each
smaller number is tried: the template has to reject it.
Source: https://docs.aws.amazon.com/streams/latest/dev/working-with-streams.html
Source: https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
pack: house
setting: records: how many records a second come in
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Stack, acceptance, number, properties_path
from stackproof.topology.event_sources import LOAD, consumers

APPLIES_TO = ("AWS::Kinesis::Stream",)
SHARD, ON_DEMAND = 1_000, 4_000


class Settings(NamedTuple):
    records: int = LOAD


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for stream in dict.fromkeys(consumer.source for consumer in consumers(stack, "AWS::Kinesis::Stream")):
            properties = stack.resources[stream].get("Properties", {})
            carried, how = records(properties)
            if carried < settings.records:
                message = f"{stream} carries {carried:,.0f} records a second with {how}"
                message = f"{message}, and has to carry {settings.records:,}"
                fix = f"give it {math.ceil(settings.records / SHARD)} shards"
                yield stack.finding(properties_path(stream), message, fix)
            yield from too_few(stack, stream, settings.records)


def too_few(stack: Stack, stream: str, load: int) -> Iterator[Finding]:
    """Find that the parameter which gives a stream's shards accepts fewer than the load needs."""
    node: Any = stack.template.value
    for key in stack.origin(properties_path(stream, "ShardCount")):
        node = node[key] if not isinstance(node, dict) or key in node else {}
    parameter = str(node.get("Ref")) if isinstance(node, dict) else ""
    if parameter not in stack.template.value.get("Parameters", {}):
        return
    for shards in range(1, math.ceil(load / SHARD)):
        changed = acceptance.with_parameters(stack.scenario, {parameter: str(shards)})
        if not acceptance.refusal(stack.template, changed):
            message = f"{parameter} accepts {shards}, and {stream} has to carry {load:,} records a second"
            yield stack.finding(("Parameters", parameter), message, f"reject less than {math.ceil(load / SHARD)}")
            return


def records(properties: Mapping[str, Any]) -> tuple[float, str]:
    """Return the records a second that a stream takes from its first second on, and by what."""
    if properties.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED") == "ON_DEMAND":
        warm = number(properties, "WarmThroughputMiBps", 0)
        stated = number(properties.get("WarmThroughputObject", {}), "TargetMiBps", warm)
        return max(stated * SHARD, warm * SHARD, ON_DEMAND), "its warm throughput on demand"
    shards = number(properties, "ShardCount", 1)
    return shards * SHARD, f"{shards:g} shards"
