"""Alarms, health checks, dashboards: each looks at what is there."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from deployed import Stack, Stacks


@pytest.mark.parametrize("name", ["trading-platform-health", "trading-iterator-age"])
def test_an_alarm_tells_the_topic(stack: Stack, name: str) -> None:
    names = [alarm["AlarmName"] for alarm in stack.alarms if alarm["ActionsEnabled"]]
    assert f"{name}-{stack.suffix}-{stack.region}" in names


def test_records_that_failed_are_alarmed(stack: Stack) -> None:
    names = [alarm["AlarmName"] for alarm in stack.alarms if alarm["ActionsEnabled"]]
    assert f"trading-failed-records-{stack.suffix}-{stack.region}" in names


def test_replication_that_failed_is_alarmed(source: Stack, target: Stack) -> None:
    (alarm,) = [item for item in source.alarms if item.get("MetricName") == "OperationsFailedReplication"]
    by = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    assert (by["SourceBucket"], by["DestinationBucket"], by["RuleId"]) == (source.bucket, target.bucket, "ReplicateAll")


def test_every_alarm_says_what_missing_data_means(stack: Stack) -> None:
    assert [alarm["AlarmName"] for alarm in stack.alarms if alarm.get("TreatMissingData", "missing") == "missing"] == []


@pytest.mark.parametrize("metric", ["Stored", "Rejected"])
def test_an_alarm_watches_the_function(stack: Stack, metric: str) -> None:
    (alarm,) = [item for item in stack.alarms if item.get("MetricName") == metric]
    name = stack["AnalyticsFunctionArn"].rpartition(":")[2]
    assert (alarm["Namespace"], alarm["Dimensions"]) == (
        "TradingPlatform/Analytics",
        [{"Name": "FunctionName", "Value": name}],
    )


def test_silence_of_the_function_is_taken_for_failure(stack: Stack) -> None:
    (alarm,) = [item for item in stack.alarms if item.get("MetricName") == "Stored"]
    settings = alarm["ComparisonOperator"], alarm["Threshold"], alarm["TreatMissingData"]
    assert settings == ("LessThanThreshold", 1, "breaching")


def test_an_alarm_watches_how_far_the_consumer_is_behind(stack: Stack) -> None:
    (alarm,) = [item for item in stack.alarms if item.get("MetricName") == "GetRecords.IteratorAgeMilliseconds"]
    assert alarm["Dimensions"] == [{"Name": "StreamName", "Value": stack["MarketDataStreamName"]}]


def test_every_alarm_names_its_section_of_the_runbook(stack: Stack) -> None:
    named = {alarm["AlarmName"]: alarm.get("AlarmDescription", "") for alarm in stack.alarms}
    assert [name for name, text in named.items() if "docs/runbook.md#" not in text] == []


def test_every_alarm_tells_when_it_is_over(stack: Stack) -> None:
    assert [alarm["AlarmName"] for alarm in stack.alarms if not alarm.get("OKActions")] == []


@pytest.mark.helped
def test_the_health_check_follows_the_alarm(stack: Stack) -> None:
    checked = stack.client("route53").get_health_check(HealthCheckId=stack["HealthCheckId"])["HealthCheck"]
    config = checked["HealthCheckConfig"]
    followed = config["Type"], config["AlarmIdentifier"], config["InsufficientDataHealthStatus"]
    alarm = {"Region": stack.region, "Name": f"trading-platform-health-{stack.suffix}-{stack.region}"}
    assert followed == ("CLOUDWATCH_METRIC", alarm, "Unhealthy")


@pytest.mark.emulator("its Route 53 publishes no metric of a health check's state")
def test_the_health_check_is_healthy(stack: Stack, stacks: Stacks) -> None:
    """Its state is a metric, and that is kept in us-east-1 alone."""
    cloudwatch = stack.session.client("cloudwatch", region_name="us-east-1")
    by = [{"Name": "HealthCheckId", "Value": stack["HealthCheckId"]}]
    asked = {"Namespace": "AWS/Route53", "MetricName": "HealthCheckStatus", "Dimensions": by}
    assert stacks.eventually(lambda: cloudwatch.list_metrics(**asked)["Metrics"], "the state of the health check", 600)


def widgets(stack: Stack) -> list[dict[str, Any]]:
    name = stack["DashboardURL"].rpartition("name=")[2]
    body = stack.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def metrics(stack: Stack) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Give region, namespace, name and dimensions of each metric; `...` and `.` repeat those of the one before.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    for widget in widgets(stack):
        before: list[str] = []
        for row in widget["properties"].get("metrics", []):
            fields = [item for item in row if isinstance(item, str)]
            options = next((item for item in row if isinstance(item, dict)), {})
            if "expression" in options:
                continue
            if fields[0] == "...":
                fields = [*before[: len(before) - len(fields) + 1], *fields[1:]]
            fields = [before[index] if item == "." else item for index, item in enumerate(fields)]
            before = fields
            region = options.get("region", widget["properties"]["region"])
            yield region, fields[0], fields[1], dict(zip(fields[2::2], fields[3::2], strict=True))


def test_the_dashboard_shows_both_regions(stack: Stack, stacks: Stacks) -> None:
    assert {region for region, *_ in metrics(stack)} == {stacks.source.region, stacks.target.region}


def test_the_dashboard_s_metrics_are_of_what_the_stacks_made(stack: Stack, stacks: Stacks) -> None:
    names = {
        item[output]
        for item in (stacks.source, stacks.target)
        for output in ("MarketDataStreamName", "TradingDataBucketName")
    }
    names |= {item["AnalyticsFunctionArn"].rpartition(":")[2] for item in (stacks.source, stacks.target)}
    names |= {f"migration-{item.suffix}-{item.region}" for item in (stacks.source, stacks.target)}
    kinds = ("StreamName", "BucketName", "FunctionName", "MigrationId")
    shown = {by[kind] for *_, by in metrics(stack) for kind in kinds if kind in by}
    assert shown == names


def test_the_dashboard_s_metrics_of_the_migration_exist(stack: Stack, stacks: Stacks) -> None:
    for region, namespace, name, dimensions in metrics(stack):
        if namespace == "TradingPlatform/Migration":
            item = stacks.source if region == stacks.source.region else stacks.target
            by = [{"Name": key, "Value": value} for key, value in dimensions.items()]
            asked = {"Namespace": namespace, "MetricName": name, "Dimensions": by, "Statistics": ["Maximum"]}
            now = datetime.now(UTC)
            # Metrics are listed for two weeks after their last value, and kept for 455 days.
            when = {"StartTime": now - timedelta(days=455), "EndTime": now + timedelta(minutes=5), "Period": 86_400}
            kept = item.client("cloudwatch").get_metric_statistics(**asked, **when)["Datapoints"]
            assert kept, f"{asked} of {region}"


def test_the_dashboard_s_query_reads_the_function_s_log(stack: Stack) -> None:
    queries = [widget["properties"]["query"] for widget in widgets(stack) if widget["type"] == "log"]
    name = stack["AnalyticsFunctionArn"].rpartition(":")[2]
    assert [query for query in queries if f"'/aws/lambda/{name}'" in query]


@pytest.mark.parametrize("output", ["AnalyticsFunctionArn", "MigrationTrackerFunctionArn"])
def test_logs_are_kept_for_thirty_days(stack: Stack, output: str) -> None:
    group = f"/aws/lambda/{stack[output].rpartition(':')[2]}"
    found = stack.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [item["retentionInDays"] for item in found if item["logGroupName"] == group] == [30]
