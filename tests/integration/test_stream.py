"""The stream: records become items, bad ones objects."""

import json
import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from deployed import Stack, Stacks, marked, pages


def test_the_stream_takes_ten_thousand_records_a_second(stack: Stack) -> None:
    kept = stack.client("kinesis").describe_stream_summary(StreamName=stack["MarketDataStreamName"])
    assert kept["StreamDescriptionSummary"]["OpenShardCount"] == 10


def test_the_stream_keeps_a_week(stack: Stack) -> None:
    kept = stack.client("kinesis").describe_stream_summary(StreamName=stack["MarketDataStreamName"])
    assert kept["StreamDescriptionSummary"]["RetentionPeriodHours"] == 168


@pytest.mark.emulator("its CloudFormation drops the encryption of streams")
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
    "MaximumRetryAttempts": 3,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}


@pytest.mark.parametrize(("name", "value"), MAPPED.items(), ids=MAPPED)
def test_the_mapping_is_set_as_promised(stack: Stack, name: str, value: object) -> None:
    assert mapping(stack).get(name) == value


def test_what_fails_goes_to_the_bucket(stack: Stack) -> None:
    assert mapping(stack)["DestinationConfig"]["OnFailure"]["Destination"] == stack["TradingDataBucketArn"]


@pytest.mark.emulator("its CloudFormation drops MetricsConfig")
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
            stacks.eventually(partial(stored, one, name), f"{name} in {one.region}", 120) for one in (stack, there)
        ]
        kept = {
            "TradeId": {"S": name},
            "Timestamp": {"N": "1700000000"},
            "Symbol": {"S": "STACKPROOF"},
            "Price": {"N": "0.1"},
            "Volume": {"N": "3"},
            "Region": {"S": stack.region},
        }
        assert [{key: one.get(key) for key in kept} for one in items] == [kept, kept]
    finally:
        removed(stack, name)


@pytest.mark.emulator("its mappings deliver to queues and topics, not to buckets")
@pytest.mark.writes
def test_a_record_that_stays_bad_ends_whole_in_the_bucket(stack: Stack, stacks: Stacks) -> None:
    name = marked()
    begun = time.time() - 60
    sequence = put(stack, json.dumps({**trade(name), "price": "cheap"}).encode(), name)
    s3 = stack.client("s3")
    uuid = mapping(stack)["UUID"]

    def kept() -> Any:
        listed = pages(s3, "list_objects_v2", "Contents", Bucket=stack.bucket, Prefix=f"aws/lambda/{uuid}/")
        for one in listed:
            if one["LastModified"].timestamp() >= begun:
                text = s3.get_object(Bucket=stack.bucket, Key=one["Key"])["Body"].read().decode()
                if sequence in text:
                    return one["Key"], text
        return None

    waiting = replace(stacks, patience=5)  # where buckets are no destinations, there is no use in waiting longer
    key, text = waiting.eventually(kept, f"record {sequence} in {stack.bucket}", 300)
    for version in pages(s3, "list_object_versions", "Versions", Bucket=stack.bucket, Prefix=key):
        s3.delete_object(Bucket=stack.bucket, Key=key, VersionId=version["VersionId"])
    assert json.loads(text)["KinesisBatchInfo"]["startSequenceNumber"] == sequence


@pytest.mark.writes
def test_a_bad_record_does_not_cost_its_neighbours(stack: Stack, stacks: Stacks) -> None:
    names = [marked(), marked()]
    shard = marked()
    records = [trade(names[0]), {**trade(marked()), "volume": -1}, trade(names[1])]
    stack.client("kinesis").put_records(
        StreamName=stack["MarketDataStreamName"],
        Records=[{"Data": json.dumps(one).encode(), "PartitionKey": shard} for one in records],
    )
    try:
        for name in names:
            stacks.eventually(partial(stored, stack, name), f"{name} in {stack.region}", 180)
    finally:
        for name in names:
            removed(stack, name)
