"""Every table that a stream's consumer writes takes 10,000 writes a second from its first minute, as does each index.

A table on demand begins with 4,000 writes a second, and an index of its own partitions holds the table back with what
it cannot take. Warm throughput opens both for the load before it comes.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gsi-throttling.html
pack: house
setting: writes: how many items a second are written
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Path, Stack, number, properties_path
from stackproof.aws.arn import covers
from stackproof.iam.statements import of_roles
from stackproof.topology.event_sources import LOAD, consumers
from stackproof.topology.resource_index import arns, forms

APPLIES_TO = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
ON_DEMAND = 4_000
WRITES = ("dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:TransactWriteItems", "dynamodb:UpdateItem")


class Settings(NamedTuple):
    writes: int = LOAD


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    written = dict.fromkeys(arn for stack in deployment.stacks for arn in writable(stack))
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            if any(covers(pattern, arn) for pattern in written for arn in arns(stack, logical)):
                for path, what, taken in throughputs(logical, properties):
                    if taken < settings.writes:
                        message = f"{what} takes {taken:,.0f} writes a second, and has to take {settings.writes:,}"
                        fix = f"set WarmThroughput.WriteUnitsPerSecond to {settings.writes}"
                        yield stack.finding(path, message, fix)


def writable(stack: Stack) -> Iterator[str]:
    """Give the ARNs that the functions which read streams may write to."""
    roles = {arn: logical for logical, _ in stack.of_type("AWS::IAM::Role") for arn in forms(stack, logical)}
    for consumer in consumers(stack, "AWS::Kinesis::Stream"):
        role = roles.get(str(consumer.of(stack, consumer.function).get("Role")))
        for statement in of_roles(stack)[role] if role else ():
            if statement.effect == "Allow" and any(
                covers(pattern, to) for pattern in statement.actions for to in WRITES
            ):
                yield from statement.resources


def throughputs(logical: str, properties: Mapping[str, Any]) -> Iterator[tuple[Path, str, float]]:
    """Give a table and its indexes with the writes a second that each takes at once."""
    path: Path = properties_path(logical)
    billed = properties.get("BillingMode", "PROVISIONED")
    yield path, logical, taken_by(properties, billed)
    for index, index_entry in enumerate(properties.get("GlobalSecondaryIndexes", [])):
        name = f"index {index_entry.get('IndexName')} of {logical}"
        yield (*path, "GlobalSecondaryIndexes", index), name, taken_by(index_entry, billed)


def taken_by(properties: Mapping[str, Any], billed: str) -> float:
    warm = number(properties.get("WarmThroughput", {}), "WriteUnitsPerSecond", 0)
    if billed == "PAY_PER_REQUEST":
        return max(warm, ON_DEMAND)
    stated = properties.get("WriteProvisionedThroughputSettings", {}).get("WriteCapacityAutoScalingSettings", {})
    provisioned = number(properties.get("ProvisionedThroughput", {}), "WriteCapacityUnits", 0)
    least = number(stated, "MinCapacity", 0)
    return max(least, provisioned) if isnan(least) else max(provisioned, least)
