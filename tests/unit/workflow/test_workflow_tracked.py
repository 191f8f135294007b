"""What MigrationWorkflow tells is what the tracker records; what starts it is nothing to record."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from migration_runs import RUNS, events, run_of
from runtime import stacks
from runtime.aws import SESSION, Aws, account
from runtime.function import Function

from stackproof.monitoring.event_patterns import matches

TABLE = "migration-state-prod-2024"
REPLICAS = {
    "SourceBucket": "trading-data-prod-2024-us-east-1",
    "DestinationBucket": "trading-data-prod-2024-eu-central-1",
    "RuleId": "ReplicateAll",
}


@pytest.fixture
def aws() -> Iterator[Aws]:
    with account(stacks.source()) as opened:
        yield opened


def pattern(logical: str) -> Any:
    return dict(stacks.source().of_type("AWS::Events::Rule"))[logical]["EventPattern"]


def sent(kind: str, detail: Any, number: int = 0) -> dict[str, Any]:
    return {
        "source": "trading-platform.migration",
        "detail-type": kind,
        "detail": detail,
        "id": f"event-{number}",
        "time": "2024-06-15T05:38:18Z",
    }


@pytest.mark.parametrize("name", RUNS)
def test_each_event_of_a_run_is_a_row_of_the_tracker(name: str, aws: Aws) -> None:
    details = events(run_of(name))
    tracker = Function(aws, "MigrationTrackerFunction")
    for number, detail in enumerate(details):
        event = sent("MigrationProgress", detail, number)
        assert matches(pattern("MigrationProgressRule"), event)
        assert tracker.invoke(event).payload == "recorded"
    rows = {(row["Status"], row["Progress"], row["MigrationId"]) for row in aws.rows(TABLE)}
    assert rows == {(item["status"], Decimal(item["progress"]), "migration-prod-2024-us-east-1") for item in details}


def test_what_starts_the_workflow_starts_it_and_is_not_recorded() -> None:
    event = sent("StartMigration", {})
    found = [matches(pattern(item), event) for item in ("MigrationStartRule", "MigrationProgressRule")]
    assert found == [True, False]


def test_what_the_workflow_tells_does_not_start_it_again() -> None:
    event = sent("MigrationProgress", {"migrationId": "m", "status": "READY", "progress": 100})
    assert not matches(pattern("MigrationStartRule"), event)


def backlog(aws: Aws) -> Any:
    result = Function(aws, "ReplicationBacklogFunction").invoke({})
    assert (result.error, aws.denied) == ("", [])
    return result.payload


def pending(region: str, operations: float, size: float, minutes: int) -> None:
    by = [{"Name": name, "Value": value} for name, value in REPLICAS.items()]
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    names = {"OperationsPendingReplication": operations, "BytesPendingReplication": size}
    data = [{"MetricName": name, "Dimensions": by, "Value": value, "Timestamp": at} for name, value in names.items()]
    SESSION.client("cloudwatch", region_name=region).put_metric_data(Namespace="AWS/S3", MetricData=data)


def test_the_backlog_is_the_newest_that_the_target_has(aws: Aws) -> None:
    pending("eu-central-1", 9, 900, 10)
    pending("eu-central-1", 4, 100, 2)
    assert backlog(aws) == {"operations": 4, "bytes": 100}


@pytest.mark.parametrize(("region", "minutes"), [("us-east-1", 2), ("eu-central-1", 30)], ids=["elsewhere", "old"])
def test_a_backlog_without_data_is_no_backlog_of_zero(region: str, minutes: int, aws: Aws) -> None:
    pending(region, 0, 0, minutes)
    assert backlog(aws) == {"operations": -1, "bytes": -1}
