"""The workflow: it is there with its definition filled in, and an event starts it, whose first step is recorded."""

import json
import time
from typing import Any

import pytest
from deployed import Stack, Stacks

SOURCE = "trading-platform.migration"


@pytest.fixture
def source(stacks: Stacks) -> Stack:
    return stacks.source


def machine(source: Stack) -> Any:
    return source.client("stepfunctions").describe_state_machine(stateMachineArn=source["MigrationWorkflowArn"])


def test_the_definition_has_every_substitution_filled_in(source: Stack) -> None:
    text = machine(source)["definition"]
    assert ("${" in text, json.loads(text)["StartAt"]) == (False, "Begin")


def test_the_definition_names_the_stack_s_own(source: Stack) -> None:
    states = json.loads(machine(source)["definition"])["States"]
    generator = states["CreateBackfillJob"]["Arguments"]["ManifestGenerator"]["S3JobManifestGenerator"]
    detail = states["TellStarted"]["Arguments"]["Entries"][0]["Detail"]
    assert (generator["SourceBucket"], detail["migrationId"]) == (
        source["TradingDataBucketArn"],
        f"migration-{source.suffix}-{source.region}",
    )


def executions(source: Stack) -> set[str]:
    found = source.client("stepfunctions").list_executions(stateMachineArn=source["MigrationWorkflowArn"])
    return {item["executionArn"] for item in found["executions"]}


def steps(source: Stack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = source.client("dynamodb").query(
        TableName=source["MigrationStateTableName"],
        KeyConditionExpression="MigrationId = :id",
        ExpressionAttributeValues={":id": {"S": f"migration-{source.suffix}-{source.region}"}},
        ConsistentRead=True,
    )["Items"]
    return found


def cleared(source: Stack) -> None:
    for row in steps(source):
        if row["Status"]["S"] != "INITIALIZED":
            key = {name: row[name] for name in ("MigrationId", "Timestamp")}
            source.client("dynamodb").delete_item(TableName=source["MigrationStateTableName"], Key=key)


@pytest.mark.writes
@pytest.mark.emulator_only
def test_an_event_starts_it_and_what_fails_is_recorded(source: Stack) -> None:
    """Not on AWS: there it would begin to copy. The emulator has no S3 Batch Operations, so the run fails there."""
    before = executions(source)
    source.client("events").put_events(Entries=[{"Source": SOURCE, "DetailType": "StartMigration", "Detail": "{}"}])
    try:
        (failed,) = waited(source, "FAILED")
        (begun,) = executions(source) - before
        details = json.loads(failed["Details"]["S"])
        assert (details["execution"], details["error"]) == (begun, "CreateBackfillJobFailed")
        assert waited(source, "STARTED")
    finally:
        cleared(source)


PENDING = ("OperationsPendingReplication", "BytesPendingReplication")
ENDS = {
    # The case of the mocks, what waits for replication, and what is told at the end.
    "in step": ("copies", 0, "READY", "SUCCEEDED"),
    "a backlog": ("copies", 3, "NOT_READY", "FAILED"),
    "a job that is cancelled": ("fails", 0, "FAILED", "FAILED"),
}


@pytest.mark.writes
@pytest.mark.emulator_only
@pytest.mark.parametrize("name", ENDS)
def test_a_run_ends_as_its_services_answer(name: str, stacks: Stacks, source: Stack) -> None:
    """The job and the source's metrics are mocked; events, the tracker and the target's metrics are the emulator's."""
    case, waits, status, ended = ENDS[name]
    pending(stacks, waits)
    states = source.client("stepfunctions")
    begun = states.start_execution(stateMachineArn=f"{source['MigrationWorkflowArn']}#{case}")["executionArn"]
    try:
        assert waited(source, status)
        found = stacks.eventually(lambda: over(states, begun), "the execution ended", 60)
        assert found["status"] == ended
    finally:
        cleared(source)


def over(states: Any, execution: str) -> Any:
    found = states.describe_execution(executionArn=execution)
    return None if found["status"] == "RUNNING" else found


def pending(stacks: Stacks, value: float) -> None:
    """Put the metrics of a backlog where S3 publishes them: in the target's region."""
    by = {"SourceBucket": stacks.source.bucket, "DestinationBucket": stacks.target.bucket, "RuleId": "ReplicateAll"}
    dimensions = [{"Name": name, "Value": value} for name, value in by.items()]
    data = [{"MetricName": metric, "Dimensions": dimensions, "Value": value} for metric in PENDING]
    stacks.target.client("cloudwatch").put_metric_data(Namespace="AWS/S3", MetricData=data)


def waited(source: Stack, status: str, seconds: float = 60) -> list[dict[str, Any]]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [step for step in steps(source) if step["Status"]["S"] == status]
        if found:
            return found
        time.sleep(0.5)
    return []
