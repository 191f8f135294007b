"""The table is gone for a while, then back: every trade is stored once, and nothing is parked but what is bad."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from consumer import Shard, consume, pause_mapping, shards
from deployed import Stack, pages
from deployments import deployment

from stackproof.deploy.runner import deploy

pytestmark = [pytest.mark.emulator_only, pytest.mark.helped]
TRADES = 10_000
SHAPE = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
INDEX = ("IndexName", "KeySchema", "Projection")


def trade(number: int) -> bytes:
    fields = {"tradeId": f"t{number}", "symbol": "STACKPROOF", "timestamp": number, "price": 0.1, "volume": 3}
    return json.dumps(fields).encode()


def send(stack: Stack) -> None:
    """Put ten thousand trades and one record that is none into the stream."""
    data = [trade(number) for number in range(TRADES)]
    data.insert(TRADES // 2, b"{")
    records = [{"Data": item, "PartitionKey": f"key-{number}"} for number, item in enumerate(data)]
    for at in range(0, len(records), 500):
        name = stack["MarketDataStreamName"]
        answer = stack.client("kinesis").put_records(StreamName=name, Records=records[at : at + 500])
        assert answer["FailedRecordCount"] == 0


def taken_away(stack: Stack) -> dict[str, Any]:
    """Delete the table; return what it takes to make it again."""
    dynamodb = stack.client("dynamodb")
    known = dynamodb.describe_table(TableName=stack.table)["Table"]
    if known.get("DeletionProtectionEnabled"):
        dynamodb.update_table(TableName=stack.table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=stack.table)
    shape = {name: known[name] for name in SHAPE if name in known} | {"BillingMode": "PAY_PER_REQUEST"}
    for index in shape.get("GlobalSecondaryIndexes", []):
        for name in [item for item in index if item not in INDEX]:
            del index[name]
    return shape


def objects(stack: Stack) -> Iterator[str]:
    for page in pages(stack.client("s3"), "list_object_versions", "Versions", Bucket=stack.bucket):
        yield str(page["Key"])


@pytest.fixture(scope="module")
def outage(endpoint: str) -> Iterator[tuple[Stack, list[Shard], list[str]]]:
    """Give a stack whose table was gone while trades came, what was left to do then, and what was reported."""
    del endpoint
    emulated = deployment("300000000030", EnvironmentSuffix="outage")
    deploy(emulated.job)
    stack = emulated.read()[0].source
    pause_mapping(stack)
    send(stack)
    shape = taken_away(stack)
    left = list(shards(stack))
    reported = consume(stack, left[0])
    stack.client("dynamodb").create_table(**shape)
    yield stack, left, reported


def test_while_the_table_is_gone_a_batch_is_reported_and_nothing_is_parked(
    outage: tuple[Stack, list[Shard], list[str]],
) -> None:
    stack, left, reported = outage
    assert len(reported) == min(100, len(left[0].records))
    assert [key for key in objects(stack) if key.startswith(("rejected/", "aws/"))] == []


def test_when_it_is_back_every_trade_is_stored_once_and_the_bad_record_parked(
    outage: tuple[Stack, list[Shard], list[str]],
) -> None:
    stack, left, _ = outage
    for shard in left:
        while shard.records:
            consume(stack, shard)
    rows = pages(stack.client("dynamodb"), "scan", "Items", TableName=stack.table)
    assert sorted(row["TradeId"]["S"] for row in rows) == sorted(f"t{number}" for number in range(TRADES))
    assert len([key for key in objects(stack) if key.startswith("rejected/")]) == 1


def test_the_same_records_again_change_nothing(outage: tuple[Stack, list[Shard], list[str]]) -> None:
    stack, _, _ = outage
    for shard in shards(stack):
        consume(stack, shard)
    rows = pages(stack.client("dynamodb"), "scan", "Items", TableName=stack.table)
    assert len(rows) == TRADES
    assert len([key for key in objects(stack) if key.startswith("rejected/")]) == 1
