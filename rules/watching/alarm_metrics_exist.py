"""Every alarm watches metrics that exist, of resources that the stack has.

CloudWatch takes an alarm on a metric that nobody publishes, and waits for it for ever: a misspelt metric, a dimension
too few or too many, a name of another region. Without dimensions it counts what strangers do. Metrics of services are
looked up in a table made from their guides, those of the platform's own in the code that puts them.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
pack: resilience
severity: error
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Path, Stack, for_each, properties_path
from stackproof.aws.metrics import COUNTS, LAGS, PUBLISHED, Metric, watched
from stackproof.monitoring.published_metrics import unpublished_because

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
FUNCTIONS = re.compile(
    "ABS|ANOMALY_DETECTION_BAND|AVG|CEIL|DATAPOINT_COUNT|DATE|DAY|DB_PERF_INSIGHTS|DIFF|DIFF_TIME|EPOCH|FILL|FIRST|"
    "FLOOR|HOUR|IF|INSIGHT_RULE_METRIC|LAMBDA|LAST|LOG|LOG10|MAX|METRICS|METRIC_COUNT|MIN|MINUTE|MONTH|PERIOD|RATE|"
    "REMOVE_EMPTY|RUNNING_SUM|SEARCH|SERVICE_QUOTA|SLICE|SORT|STDDEV|SUM|TIME_SERIES|YEAR"
)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
            metrics = list(watched(logical, properties))
            if not metrics and not any(map(asks, properties.get("Metrics", []))):
                yield stack.finding(("Resources", logical), f"{logical} watches no metric", "give it one")
            yield from for_each(metrics, partial(of_metric, deployment, stack, logical))
            yield from mathematics(stack, logical, properties)
            yield from of_band(stack, logical, properties)


def of_metric(deployment: Deployment, stack: Stack, logical: str, metric: Metric) -> Iterator[Finding]:
    if why := unpublished_because(deployment, stack, metric):
        message = f"{logical} watches {metric}, which is not there: {why}"
        fix = "name a metric that is published"
        if wanted := re.match("its dimensions are (.*), not ", why):
            fix = f"set Dimensions to {wanted[1]}"
        yield stack.finding(metric.path, message, fix)
    elif strangers(metric):
        message = f"{logical} watches {metric.name} of everything in the account and region"
        yield stack.finding(metric.path, message, "name the stack's resource in Dimensions")


def strangers(metric: Metric) -> bool:
    """Tell whether a metric of a service is that of the whole account and region, where each resource has its own."""
    rows = PUBLISHED.get(metric.namespace, {})
    return not metric.dimensions and any(name == metric.name and dimensions for name, dimensions in rows)


def mathematics(stack: Stack, logical: str, alarm: Mapping[str, Any]) -> Iterator[Finding]:
    """Give findings for expressions of what is not there, queries left out, and unless one alone is the alarm's."""
    queries: list[Mapping[str, Any]] = alarm.get("Metrics", [])
    path: Path = properties_path(logical, "Metrics")
    ids = {str(query.get("Id")) for query in queries}
    used: set[str] = set()
    for index, query in enumerate(queries):
        if asks(query):
            continue
        expression = re.sub(r"'[^']*'|\"[^\"]*\"", "", str(query.get("Expression", "")))
        words = set(re.findall(r"\b[a-z]\w*\b(?!\s*\()", expression))
        used |= ids if "METRICS(" in expression else words
        for missing in sorted(words - ids):
            message = f"{logical} reckons with {missing}, which no query is"
            yield stack.finding((*path, index, "Expression"), message, "name a query by its Id")
        called = sorted(set(re.findall(r"\b(\w+)\s*\(", expression)))
        for strange in (function for function in called if not FUNCTIONS.fullmatch(function)):
            message = f"{logical} reckons by {strange}(), which metric math does not have"
            yield stack.finding((*path, index, "Expression"), message, "use a function of metric math")
    returned = [query for query in queries if query.get("ReturnData", True) is not False]
    compared = [query for query in returned if query.get("Id") != alarm.get("ThresholdMetricId")]
    if queries and len(compared) != 1 and not band(alarm):
        message = f"{logical} has {len(compared)} queries that return data, an alarm takes one"
        yield stack.finding(path, message, "say ReturnData false for the others")
    for index, query in enumerate(queries):
        if query not in returned and str(query.get("Id")) not in used:
            message = f"{logical} has the query {query.get('Id')}, which no expression reckons with"
            yield stack.finding((*path, index), message, "reckon with it, or remove it")


def of_band(stack: Stack, logical: str, alarm: Mapping[str, Any]) -> Iterator[Finding]:
    """Find an alarm on an anomaly whose band is none, or that looks on the side where more failures never are.

    The metric and its band both return data. Source: CloudWatch API Reference, "PutMetricAlarm", ThresholdMetricId;
    CloudWatch User Guide, "Create a CloudWatch alarm based on anomaly detection".
    """
    named = alarm.get("ThresholdMetricId")
    if named is None:
        return
    if not band(alarm):
        message = f"{logical} compares with {named}, which is no ANOMALY_DETECTION_BAND"
        yield stack.finding(properties_path(logical, "ThresholdMetricId"), message, "name the query of the band")
    grows = [metric.name for metric in watched(logical, alarm) if metric.name in COUNTS | LAGS]
    if alarm.get("ComparisonOperator") == "LessThanLowerThreshold" and grows:
        message = f"{logical} goes off below its band, and {grows[0]} grows where something fails"
        fix = "use GreaterThanUpperThreshold"
        yield stack.finding(properties_path(logical, "ComparisonOperator"), message, fix)


def band(alarm: Mapping[str, Any]) -> bool:
    """Tell whether an alarm compares with the band of an anomaly detector."""
    named = (query for query in alarm.get("Metrics", []) if query.get("Id") == alarm.get("ThresholdMetricId", 0))
    return any("ANOMALY_DETECTION_BAND" in str(query.get("Expression", "")).upper() for query in named)


def asks(query: Mapping[str, Any]) -> bool:
    """Tell whether a query asks Metrics Insights, or searches, instead of naming metrics.

    Source: CloudWatch User Guide, "Query your metrics with CloudWatch Metrics Insights".
    """
    text = str(query.get("Expression", "")).strip().upper()
    return text.startswith("SELECT ") or "SEARCH(" in text
