"""A consumer of a stream that reads what the function reports, as Lambda does and the emulator's mapping does not.

Source: AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and Lambda": the
lowest sequence number that is reported is where the shard goes on.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deployed import Stack, pages

BATCH = 100


@dataclass
class Shard:
    """What is left of a shard."""

    name: str
    records: list[Any]


def shards(stack: Stack) -> Iterator[Shard]:
    """Give all that the stream of a stack holds, from its beginning."""
    kinesis, name = stack.client("kinesis"), stack["MarketDataStreamName"]
    for shard in kinesis.list_shards(StreamName=name)["Shards"]:
        where = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        at, found = kinesis.get_shard_iterator(**where)["ShardIterator"], list[Any]()
        while at:
            read = kinesis.get_records(ShardIterator=at, Limit=10_000)
            found += read["Records"]
            at = read.get("NextShardIterator") if read["Records"] else None
        yield Shard(shard["ShardId"], found)


def pause_mapping(stack: Stack) -> None:
    """Stop the stack's own mapping from reading."""
    asked = {"FunctionName": stack["AnalyticsFunctionArn"], "EventSourceArn": stack["MarketDataStreamArn"]}
    for page in pages(stack.client("lambda"), "list_event_source_mappings", "EventSourceMappings", **asked):
        stack.client("lambda").update_event_source_mapping(UUID=page["UUID"], Enabled=False)


def consume(stack: Stack, shard: Shard) -> list[str]:
    """Give the function a shard's next batch; keep what it reports, and return it."""
    batch = shard.records[:BATCH]
    payload = json.dumps({"Records": [_row(stack, shard, item) for item in batch]})
    answer = stack.client("lambda").invoke(FunctionName=stack["AnalyticsFunctionArn"], Payload=payload)
    response = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, response
    failed = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
    lowest = min((int(item) for item in failed), default=None)
    done = [item for item in batch if lowest is None or int(item["SequenceNumber"]) < lowest]
    del shard.records[: len(done)]
    return failed


def _row(stack: Stack, shard: Shard, record: Any) -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard.name}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "awsRegion": stack.region,
        "eventSourceARN": stack["MarketDataStreamArn"],
    }
