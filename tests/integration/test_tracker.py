"""The tracker: a step is recorded whichever way it is told."""

import json
from typing import Any

import pytest
from deployed import Stack, Stacks, marked

NAMESPACE = "TradingPlatform/Migration"


def rows(stack: Stack, migration: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.client("dynamodb").query(
        TableName=stack["MigrationStateTableName"],
        KeyConditionExpression="MigrationId = :id",
        ExpressionAttributeValues={":id": {"S": migration}},
        ConsistentRead=True,
    )["Items"]
    return found


def removed(stack: Stack, migration: str) -> None:
    for row in rows(stack, migration):
        key = {name: row[name] for name in ("MigrationId", "Timestamp")}
        stack.client("dynamodb").delete_item(TableName=stack["MigrationStateTableName"], Key=key)


def step(migration: str) -> dict[str, Any]:
    return {"migrationId": migration, "status": "COPYING", "progress": 12.5, "details": {"by": "test"}}


def test_the_custom_resource_recorded_the_deployment(stack: Stack) -> None:
    first = rows(stack, f"migration-{stack.suffix}-{stack.region}")[0]
    kept = {name: first[name] for name in ("Status", "Progress", "Region")}
    assert kept == {"Status": {"S": "INITIALIZED"}, "Progress": {"N": "0"}, "Region": {"S": stack.region}}


def test_the_custom_resource_s_details_name_the_stack(stack: Stack) -> None:
    details = json.loads(rows(stack, f"migration-{stack.suffix}-{stack.region}")[0]["Details"]["S"])
    assert details == {"Region": stack.region, "StackName": stack.name}


def invoked(stack: Stack, payload: object) -> Any:
    return stack.client("lambda").invoke(
        FunctionName=stack["MigrationTrackerFunctionArn"], Payload=json.dumps(payload).encode()
    )


@pytest.mark.writes
def test_a_step_told_by_invocation_is_recorded(stack: Stack) -> None:
    migration = marked()
    try:
        answer = invoked(stack, step(migration))
        kept = [(row["Status"], row["Progress"], row["Details"]) for row in rows(stack, migration)]
        assert (json.loads(answer["Payload"].read()), kept) == (
            "recorded",
            [({"S": "COPYING"}, {"N": "12.5"}, {"S": '{"by": "test"}'})],
        )
    finally:
        removed(stack, migration)


@pytest.mark.writes
def test_a_step_told_by_an_event_is_recorded(stack: Stack, stacks: Stacks) -> None:
    migration = marked()
    entry = {"Source": "trading-platform.migration", "DetailType": "step", "Detail": json.dumps(step(migration))}
    try:
        sent = stack.client("events").put_events(Entries=[entry])
        assert sent["FailedEntryCount"] == 0
        kept = stacks.eventually(lambda: rows(stack, migration), f"a row of {migration}", 60)
        assert [row["Status"] for row in kept] == [{"S": "COPYING"}]
    finally:
        removed(stack, migration)


@pytest.mark.writes
def test_a_step_is_measured(stack: Stack, stacks: Stacks) -> None:
    migration = marked()
    by = [{"Name": "MigrationId", "Value": migration}, {"Name": "Region", "Value": stack.region}]
    try:
        invoked(stack, step(migration))
        asked = {"Namespace": NAMESPACE, "MetricName": "MigrationProgress", "Dimensions": by}
        assert stacks.eventually(lambda: stack.client("cloudwatch").list_metrics(**asked)["Metrics"], migration, 900)
    finally:
        removed(stack, migration)


@pytest.mark.writes
@pytest.mark.parametrize("progress", [101, -1, "much", None])
def test_a_step_that_is_none_is_refused_and_not_recorded(source: Stack, progress: object) -> None:
    migration = marked()
    answer = invoked(source, {**step(migration), "progress": progress})
    assert (answer.get("FunctionError"), rows(source, migration)) == ("Unhandled", [])
