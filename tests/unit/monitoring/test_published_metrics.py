"""Which metrics are published, and what dashboards draw."""

import json
from typing import Any

import pytest
from stacks import ref, resource, stack

from stackproof.aws.metrics import Metric
from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import CannotTell
from stackproof.monitoring.dashboards import asked, drawn, widgets
from stackproof.monitoring.published_metrics import unpublished_because

PUTS = """import boto3
def handler(event, context):
    by = [{'Name': name, 'Value': event[name]} for name in ('Step', 'Region')]
    metric = {'MetricName': 'Progress', 'Dimensions': by}
    metric['Value'] = 1.0
    boto3.client('cloudwatch').put_metric_data(Namespace='Mine', MetricData=[metric])
"""
RESOURCES = {
    "F": resource(
        "Lambda::Function", FunctionName="f", Handler="index.handler", Runtime="python3.12", Code={"ZipFile": PUTS}
    ),
    "S": resource("Kinesis::Stream", Name="s"),
    "B": resource("S3::Bucket", BucketName="b", Tags=[{"Key": "k", "Value": "first"}]),
    "M": resource("Lambda::EventSourceMapping", FunctionName=ref("F")),
    "Filter": resource(
        "Logs::MetricFilter",
        MetricTransformations=[{"MetricNamespace": "Logs", "MetricName": "Failed", "MetricValue": "1"}],
    ),
}


def reason(namespace: str, name: str, dimensions: dict[str, str], period: int | None = None) -> str:
    source, target = stack(RESOURCES), stack(RESOURCES, "eu-west-1")
    return unpublished_because(
        Deployment("one", source, target), source, Metric(namespace, name, dimensions, ("Resources",), period)
    )


PUBLISHED = [
    ("AWS/Lambda", "Errors", {"FunctionName": "f"}),
    ("AWS/Lambda", "Errors", {}),
    ("AWS/Kinesis", "IncomingRecords", {"StreamName": "s"}),
    ("Mine", "Progress", {"Step": "first", "Region": "first"}),
    ("Logs", "Failed", {}),
]


@pytest.mark.parametrize(("namespace", "name", "dimensions"), PUBLISHED)
def test_a_metric_of_the_stack_is_published(namespace: str, name: str, dimensions: dict[str, str]) -> None:
    assert reason(namespace, name, dimensions) == ""


MISSING = [
    ("AWS/Lambda", "Error", {"FunctionName": "f"}, "has no metric Error"),
    ("AWS/Lambda", "Errors", {"Function": "f"}, "its dimensions are"),
    ("AWS/Lambda", "Errors", {"FunctionName": "g"}, "'g' names nothing"),
    ("AWS/Lambda", "DroppedEventCount", {"EventSourceMappingUUID": "{{M@us-east-1}}"}, "does not count events"),
    (
        "AWS/S3",
        "OperationsFailedReplication",
        {"SourceBucket": "b", "DestinationBucket": "d", "RuleId": "r"},
        "no replication",
    ),
    ("Mine", "Progres", {"Step": "first", "Region": "first"}, "nothing in us-east-1 puts it"),
    ("Mine", "Progress", {"Step": "first"}, "is put with the dimensions Region, Step"),
    ("Mine", "Progress", {"Step": "nowhere", "Region": "first"}, "is no value"),
]


@pytest.mark.parametrize(("namespace", "name", "dimensions", "why"), MISSING)
def test_a_metric_that_nothing_publishes_says_why(
    namespace: str, name: str, dimensions: dict[str, str], why: str
) -> None:
    assert why in reason(namespace, name, dimensions)


def test_a_metric_of_one_point_a_day_needs_a_period_of_a_day() -> None:
    assert "one point a day" in reason(
        "AWS/S3", "BucketSizeBytes", {"BucketName": "b", "StorageType": "StandardStorage"}, 300
    )


def test_a_namespace_of_aws_that_is_not_known_cannot_be_told() -> None:
    with pytest.raises(CannotTell, match="AWS/New"):
        reason("AWS/New", "Errors", {})


def test_shorthand_of_a_widget_is_written_out() -> None:
    rows: list[list[Any]] = [
        ["AWS/S3", "BucketSizeBytes", "BucketName", "a", "StorageType", "StandardStorage", {"region": "r"}],
        [".", ".", ".", "b", ".", "."],
        ["...", "GlacierStorage"],
        [{"expression": "m1 + m2"}],
    ]
    found = list(drawn({"properties": {"region": "own", "metrics": rows, "period": 60}}, ()))
    assert [(list(one.dimensions.values()), one.region, one.period) for one in found] == [
        (["a", "StandardStorage"], "r", 60),
        (["b", "StandardStorage"], "own", 60),
        (["b", "GlacierStorage"], "own", 60),
    ]


def test_a_log_widget_names_its_groups() -> None:
    assert asked({"properties": {"region": "r", "query": "SOURCE 'a' | SOURCE 'b' | limit 1"}}) == ("r", ["a", "b"])


@pytest.mark.parametrize("body", ["{", "[]", '{"widgets": {}}', '{"widgets": [1]}'])
def test_a_body_without_widgets_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        widgets(body)


def test_widgets_are_read() -> None:
    assert widgets(json.dumps({"widgets": [{"type": "text"}]})) == [{"type": "text"}]
