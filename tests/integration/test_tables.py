"""The tables: replicated, protected, encrypted."""

from typing import Any

import pytest
from deployed import Stack, Stacks, marked

TABLES = ["TradingAnalyticsTableName", "MigrationStateTableName"]


def described(stack: Stack, output: str) -> dict[str, Any]:
    table: dict[str, Any] = stack.client("dynamodb").describe_table(TableName=stack[output])["Table"]
    return table


@pytest.mark.helped
def test_the_analytics_table_has_a_replica_in_both_regions(stack: Stack, stacks: Stacks) -> None:
    replicas = {replica["RegionName"] for replica in described(stack, TABLES[0]).get("Replicas", [])}
    assert replicas | {stack.region} == {stacks.source.region, stacks.target.region}


@pytest.mark.helped
@pytest.mark.parametrize("output", TABLES)
def test_a_table_can_be_restored_to_any_point_in_time(stack: Stack, output: str) -> None:
    kept = stack.client("dynamodb").describe_continuous_backups(TableName=stack[output])["ContinuousBackupsDescription"]
    assert kept["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_the_state_table_is_protected_from_deletion(stack: Stack) -> None:
    assert described(stack, TABLES[1])["DeletionProtectionEnabled"]


@pytest.mark.helped
def test_the_analytics_table_is_protected_from_deletion(stack: Stack) -> None:
    assert described(stack, TABLES[0])["DeletionProtectionEnabled"]


@pytest.mark.helped
@pytest.mark.parametrize("output", TABLES)
def test_a_table_is_encrypted_by_kms(stack: Stack, output: str) -> None:
    kept = described(stack, output).get("SSEDescription", {})
    assert (kept.get("Status"), kept.get("SSEType")) == ("ENABLED", "KMS")


@pytest.mark.helped(stack="target", output=TABLES[0])
@pytest.mark.parametrize("output", TABLES)
def test_a_table_is_paid_by_request(stack: Stack, output: str) -> None:
    assert described(stack, output).get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"


@pytest.mark.helped(stack="target")
def test_the_analytics_table_streams_both_images(stack: Stack) -> None:
    assert described(stack, TABLES[0]).get("StreamSpecification", {}).get("StreamViewType") == "NEW_AND_OLD_IMAGES"


@pytest.mark.helped(stack="target")
def test_the_analytics_table_is_read_by_symbol_and_time(stack: Stack) -> None:
    indexes = described(stack, TABLES[0])["GlobalSecondaryIndexes"]
    keys = {item["IndexName"]: [key["AttributeName"] for key in item["KeySchema"]] for item in indexes}
    assert keys == {"SymbolTimestampIndex": ["SymbolShard", "Timestamp"]}


@pytest.mark.helped
def test_the_rows_of_the_canary_expire(source: Stack) -> None:
    table = described(source, TABLES[0])["TableName"]
    kept = source.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert (kept.get("AttributeName"), kept["TimeToLiveStatus"]) == ("ExpiresAt", "ENABLED")


@pytest.mark.emulator("neither its CloudFormation nor its DynamoDB keeps WarmThroughput")
def test_the_analytics_table_is_warm_enough_for_the_stream(stack: Stack) -> None:
    table = described(stack, TABLES[0])
    warm = [item.get("WarmThroughput", {}) for item in (table, *table["GlobalSecondaryIndexes"])]
    assert [item.get("WriteUnitsPerSecond", 0) >= 10_000 for item in warm] == [True, True]


@pytest.mark.writes
@pytest.mark.helped
@pytest.mark.parametrize("written", ["source", "target"])
def test_an_item_arrives_in_the_other_region(stacks: Stacks, written: str) -> None:
    here: Stack = getattr(stacks, written)
    there = stacks.other(here)
    key = {"TradeId": {"S": marked()}, "Timestamp": {"N": "1"}}
    here.client("dynamodb").put_item(TableName=here.table, Item=key)
    try:

        def arrived() -> Any:
            return there.client("dynamodb").get_item(TableName=there.table, Key=key).get("Item")

        assert stacks.eventually(arrived, f"{key} in {there.region}", 60) == key
    finally:
        here.client("dynamodb").delete_item(TableName=here.table, Key=key)
