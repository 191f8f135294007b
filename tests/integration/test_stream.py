"""The stream: records become items, bad ones are parked as objects."""

import base64
import hashlib
import json
import time
from functools import partial
from typing import Any

import pytest
from deployed import Stack, Stacks, marked, pages
from flowing import fire_canary


def test_the_stream_takes_ten_thousand_records_a_second(stack: Stack) -> None:
    kept = stack.client("kinesis").describe_stream_summary(StreamName=stack["MarketDataStreamName"])
    assert kept["StreamDescriptionSummary"]["OpenShardCount"] == 15


def test_the_stream_keeps_a_week(stack: Stack) -> None:
    kept = stack.client("kinesis").describe_stream_summary(StreamName=stack["MarketDataStreamName"])
    assert kept["StreamDescriptionSummary"]["RetentionPeriodHours"] == 168


@pytest.mark.helped
def test_the_stream_is_encrypted(stack: Stack) -> None:
    kept = stack.client("kinesis").describe_stream_summary(StreamName=stack["MarketDataStreamName"])
    assert kept["StreamDescriptionSummary"].get("EncryptionType") == "KMS"


def mapping(stack: Stack) -> dict[str, Any]:
    asked = {"FunctionName": stack["AnalyticsFunctionArn"], "EventSourceArn": stack["MarketDataStreamArn"]}
    (only,) = pages(stack.client("lambda"), "list_event_source_mappings", "EventSourceMappings", **asked)
    found: dict[str, Any] = stack.client("lambda").get_event_source_mapping(UUID=only["UUID"])
    return found


MAPPED = {
    "State": "Enabled",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 10,
    "ParallelizationFactor": 5,
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": -1,
    "MaximumRecordAgeInSeconds": 518400,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}


@pytest.mark.parametrize(("name", "value"), MAPPED.items(), ids=MAPPED)
def test_the_mapping_is_set_as_promised(stack: Stack, name: str, value: object) -> None:
    assert mapping(stack).get(name) == value


def test_what_fails_goes_to_the_bucket(stack: Stack) -> None:
    assert mapping(stack)["DestinationConfig"]["OnFailure"]["Destination"] == stack["TradingDataBucketArn"]


@pytest.mark.emulator("neither its CloudFormation nor its Lambda keeps MetricsConfig")
def test_what_fails_is_counted(stack: Stack) -> None:
    assert mapping(stack).get("MetricsConfig") == {"Metrics": ["EventCount"]}


def put(stack: Stack, data: bytes, key: str) -> str:
    sent = stack.client("kinesis").put_record(StreamName=stack["MarketDataStreamName"], Data=data, PartitionKey=key)
    return str(sent["SequenceNumber"])


def trade(name: str) -> dict[str, Any]:
    return {"tradeId": name, "symbol": "STACKPROOF", "timestamp": 1_700_000_000, "price": 0.1, "volume": 3}


def stored(stack: Stack, name: str) -> Any:
    key = {"TradeId": {"S": name}, "Timestamp": {"N": "1700000000"}}
    return stack.client("dynamodb").get_item(TableName=stack.table, Key=key, ConsistentRead=True).get("Item")


def removed(stack: Stack, name: str) -> None:
    key = {"TradeId": {"S": name}, "Timestamp": {"N": "1700000000"}}
    stack.client("dynamodb").delete_item(TableName=stack.table, Key=key)


@pytest.mark.writes
@pytest.mark.helped
def test_a_record_becomes_an_item_here_and_in_the_other_region(stack: Stack, stacks: Stacks) -> None:
    name = marked()
    put(stack, json.dumps(trade(name)).encode(), name)
    try:
        there = stacks.other(stack)
        items = [
            stacks.eventually(partial(stored, side, name), f"{name} in {side.region}", 120) for side in (stack, there)
        ]
        kept = {
            "TradeId": {"S": name},
            "Timestamp": {"N": "1700000000"},
            "Symbol": {"S": "STACKPROOF"},
            "SymbolShard": {"S": f"STACKPROOF#{hashlib.sha256(name.encode()).digest()[0] % 16}"},
            "Price": {"N": "0.1"},
            "Volume": {"N": "3"},
            "Region": {"S": stack.region},
        }
        assert [{key: item.get(key) for key in kept} for item in items] == [kept, kept]
    finally:
        removed(stack, name)


def parked(stack: Stack, sequence: str) -> Any:
    """Return key and text of the object that a record was parked as, None if there is none."""
    listed = pages(stack.client("s3"), "list_objects_v2", "Contents", Bucket=stack.bucket, Prefix="rejected/")
    for item in listed:
        if item["Key"].endswith(f"-{sequence}.json"):
            return item["Key"], stack.client("s3").get_object(Bucket=stack.bucket, Key=item["Key"])[
                "Body"
            ].read().decode()
    return None


def unparked(stack: Stack, sequence: str) -> None:
    s3 = stack.client("s3")
    for page in pages(s3, "list_object_versions", "Versions", Bucket=stack.bucket, Prefix="rejected/"):
        if page["Key"].endswith(f"-{sequence}.json"):
            s3.delete_object(Bucket=stack.bucket, Key=page["Key"], VersionId=page["VersionId"])


@pytest.mark.writes
def test_a_record_that_can_never_be_stored_is_parked_whole_with_the_reason(stack: Stack, stacks: Stacks) -> None:
    name = marked()
    data = json.dumps({**trade(name), "price": "cheap"}).encode()
    sequence = put(stack, data, name)
    try:
        _, text = stacks.eventually(partial(parked, stack, sequence), f"record {sequence} in {stack.bucket}", 120)
        about = json.loads(text)
        assert base64.b64decode(about["record"]["kinesis"]["data"]) == data
        assert about["record"]["kinesis"]["partitionKey"] == name
        assert "price" in about["reason"]
    finally:
        unparked(stack, sequence)


@pytest.mark.writes
def test_a_bad_record_does_not_cost_its_neighbours(stack: Stack, stacks: Stacks) -> None:
    names = [marked(), marked()]
    shard = marked()
    records = [trade(names[0]), {**trade(marked()), "volume": -1}, trade(names[1])]
    sent = stack.client("kinesis").put_records(
        StreamName=stack["MarketDataStreamName"],
        Records=[{"Data": json.dumps(record).encode(), "PartitionKey": shard} for record in records],
    )
    try:
        for name in names:
            stacks.eventually(partial(stored, stack, name), f"{name} in {stack.region}", 180)
        sequence = sent["Records"][1]["SequenceNumber"]
        stacks.eventually(partial(parked, stack, sequence), f"record {sequence} in {stack.bucket}", 120)
    finally:
        unparked(stack, sent["Records"][1]["SequenceNumber"])
        for name in names:
            removed(stack, name)


def canaries(stack: Stack) -> list[Any]:
    """Return the rows of the canary: the index is read by symbol."""
    asked: dict[str, Any] = {
        "TableName": stack.table,
        "IndexName": "SymbolTimestampIndex",
        "KeyConditionExpression": "SymbolShard = :one",
    }
    shards = [{":one": {"S": f"CANARY#{number}"}} for number in range(16)]
    dynamodb = stack.client("dynamodb")
    return [row for shard in shards for row in dynamodb.query(**asked, ExpressionAttributeValues=shard)["Items"]]


def test_a_canary_is_sent_each_minute_to_the_own_stream(stack: Stack) -> None:
    schedule = stack.client("scheduler").get_schedule(Name=f"trading-canary-{stack.suffix}-{stack.region}")
    target = schedule["Target"]
    kept = schedule["State"], schedule["ScheduleExpression"], target["Arn"], json.loads(target["Input"])["symbol"]
    assert kept == ("ENABLED", "rate(1 minute)", stack["MarketDataStreamArn"], "CANARY")


@pytest.mark.helped
def test_the_canary_s_trade_is_stored_and_will_expire(stack: Stack, stacks: Stacks) -> None:
    """The emulator's Scheduler knows no target of Kinesis: there the schedule's input is put for it."""
    begun = time.time()
    name = f"canary-{fire_canary(stack)}" if stacks.emulated else "canary-"

    def here() -> list[Any]:
        own = [row for row in canaries(stack) if row["Region"]["S"] == stack.region]
        return [row for row in own if row["TradeId"]["S"].startswith(name)]

    rows = stacks.eventually(here, f"{name} in {stack.region}", 180)
    newest = max(int(row["ExpiresAt"]["N"]) for row in rows)
    assert newest >= begun + 86_400 - 300
