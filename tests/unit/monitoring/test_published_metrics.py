"""Which metrics are published, and what dashboards draw."""

import json
from typing import Any

import pytest
from stacks import ref, resource, stack

from stackproof.aws.metrics import Metric
from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import CannotTell
from stackproof.monitoring.dashboards import asked, drawn, searched, widgets
from stackproof.monitoring.published_metrics import unfound_because, unpublished_because

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


@pytest.mark.parametrize("namespace", ["AWS/New", "CWAgent"])
def test_what_a_namespace_without_rows_has_is_not_judged(namespace: str) -> None:
    assert reason(namespace, "Errors", {}) == ""


def test_shorthand_of_a_widget_is_written_out() -> None:
    rows: list[list[Any]] = [
        ["AWS/S3", "BucketSizeBytes", "BucketName", "a", "StorageType", "StandardStorage", {"region": "r"}],
        [".", ".", ".", "b", ".", "."],
        ["...", "GlacierStorage"],
        [{"expression": "m1 + m2"}],
    ]
    found = list(drawn({"properties": {"region": "own", "metrics": rows, "period": 60}}, ()))
    assert [(list(item.dimensions.values()), item.region, item.period) for item in found] == [
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


LINE = """import json
def handler(event, context):
    metrics = [{'Name': name} for name in ('Stored', 'Failed')]
    if event:
        metrics.append({'Name': 'Latency'})
    about = {'Namespace': 'Mine', 'Dimensions': [['Region'], []]} | {'Metrics': metrics}
    line = {'_aws': {'CloudWatchMetrics': [about], 'Timestamp': 1}, 'Region': 'us-east-1', 'Stored': 1}
    print(json.dumps(line | {'Failed': 0, 'Latency': [1, 2]}))
"""
OTHER = {
    "it is printed as a text first": ("    print(json.dumps(line", "    text = (json.dumps(line", "    print(text)"),
    "there is one set of dimensions": ("['Region'], []", "['Region']", ""),
}


def printed(code: str, name: str, dimensions: dict[str, str]) -> str:
    code_of = {"Code": {"ZipFile": code}}
    resources = {"F": resource("Lambda::Function", Handler="index.handler", Runtime="python3.12", **code_of)}
    item = stack(resources)
    deployment = Deployment("one", item, stack(resources, "eu-west-1"))
    return unpublished_because(deployment, item, Metric("Mine", name, dimensions, ("Resources",), None))


@pytest.mark.parametrize("name", ["Stored", "Failed", "Latency"])
@pytest.mark.parametrize("change", [("", "", ""), *OTHER.values()], ids=["as it is", *OTHER])
def test_a_metric_in_a_line_that_code_prints_is_published(name: str, change: tuple[str, str, str]) -> None:
    old, new, more = change
    assert printed(LINE.replace(old, new) + more, name, {"Region": "us-east-1"}) == ""


def test_a_metric_without_dimensions_is_published_by_an_empty_set_of_them() -> None:
    assert printed(LINE, "Stored", {}) == ""


WRONG = {
    "another dimension": ("", "", {"Zone": "a"}, "is put with the dimensions Region or none"),
    "another value": ("", "", {"Region": "eu-west-1"}, "'eu-west-1' is no value"),
    "a metric without a value": ("'Stored': 1", "'Kept': 1", {"Region": "us-east-1"}, "nothing in us-east-1 puts it"),
    "a dimension without a value": ("'Region': 'us-east-1'", "'Kept': 1", {"Region": "us-east-1"}, "dimensions none"),
    "a line that is not printed": ("print(", "str(", {"Region": "us-east-1"}, "nothing in us-east-1 puts it"),
    "a line with more than the object": (
        "print(json", "print('DEBUG', json", {"Region": "us-east-1"}, "nothing in us-east-1 puts it",
    ),
    "code that is never called": (
        "def handler(", "def other(", {"Region": "us-east-1"}, "nothing in us-east-1 puts it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "dimensions", "why"), WRONG.values(), ids=WRONG)
def test_a_metric_in_a_line_is_not_published_where(old: str, new: str, dimensions: dict[str, str], why: str) -> None:
    assert why in printed(LINE.replace(old, new), "Stored", dimensions)


@pytest.mark.parametrize(("old", "new"), [("'Mine'", "event['n']"), ("[['Region'], []]", "event['d']")])
def test_a_line_whose_metrics_only_running_tells_cannot_be_told(old: str, new: str) -> None:
    with pytest.raises(CannotTell, match="in the code of F"):
        printed(LINE.replace(old, new), "Stored", {})


def found(expression: str) -> list[str]:
    """Return what keeps each search of an expression from finding a metric, "" where nothing does."""
    source, target = stack(RESOURCES), stack(RESOURCES, "eu-west-1")
    widget = {"type": "metric", "properties": {"region": "us-east-1", "metrics": [[{"expression": expression}]]}}
    pair = Deployment("one", source, target)
    return [unfound_because(pair, source, *item) for item in searched(widget, ("Resources",))]


BARE = "SEARCH('{AWS/S3,BucketName} MetricName=\"BucketSizeBytes\"', 'Sum', 60)"
SEARCH = "SEARCH('{AWS/S3,BucketName,StorageType} %s', 'Average', 86400)"


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        (SEARCH % 'MetricName="BucketSizeBytes" BucketName="b"', ""),
        (SEARCH % 'MetricName="BucketSizeBytes"', ""),
        (SEARCH % 'MetricName="BucketSizeBytes" BucketName="other"', "BucketName 'other' names nothing in us-east-1"),
        (SEARCH % 'MetricName="Size"', "AWS/S3 has no metric Size of BucketName, StorageType"),
        (SEARCH % 'BucketName="b"', "AWS/S3 has no metric without a name of BucketName, StorageType"),
        (SEARCH % 'MetricName="BucketSizeBytes" RuleId="r"', "RuleId is none of the dimensions that it asks for"),
        (BARE, "AWS/S3 has no metric BucketSizeBytes of BucketName"),
    ],
)
def test_a_search_finds_metrics_of_what_it_names(expression: str, why: str) -> None:
    assert found(expression) == [why]


def test_an_expression_that_only_reckons_searches_nothing() -> None:
    assert found("m1 + m2") == []
