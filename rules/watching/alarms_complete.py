"""Every alarm says what it measures, over how long, and what it compares with: CloudWatch refuses half of an alarm.

A single metric needs a statistic and a period; each query of metric math either an expression or a metric with both.
What CloudFormation sends, CloudWatch judges only when the stack is created, and the stack rolls back.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, properties_path
from stackproof.aws.metrics import STATISTICS, is_statistic
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
HOUR, DAY, WEEK = 3_600, 86_400, 604_800
OF_BANDS = ("GreaterThanUpperThreshold", "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold")
Fault = tuple[Path, str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
            for path, message, fix in faults(properties):
                yield stack.finding(properties_path(logical, *path), f"{logical} {message}", fix)


def faults(alarm: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("ComparisonOperator", "EvaluationPeriods"):
        if name not in alarm:
            yield (), f"has no {name}", f"set {name}"
    if "Threshold" not in alarm and "ThresholdMetricId" not in alarm:
        yield (), "has no Threshold", "set Threshold"
    elif str(alarm.get("ComparisonOperator")) in OF_BANDS and "ThresholdMetricId" not in alarm:
        message = f"compares by {alarm['ComparisonOperator']}, which takes a band of anomaly detection and no Threshold"
        yield ("ComparisonOperator",), message, "use GreaterThanThreshold, or give ThresholdMetricId"
    periods, points = str(alarm.get("EvaluationPeriods", 1)), str(alarm.get("DatapointsToAlarm", 1))
    if periods.isdigit() and points.isdigit() and not 0 < int(points) <= int(periods):
        message = f"goes off by {points} of {periods} periods, which CloudWatch refuses"
        yield ("DatapointsToAlarm",), message, "let DatapointsToAlarm be from 1 to EvaluationPeriods"
    if "MetricName" in alarm:
        yield from of_metric(alarm, alarm.get("Statistic", alarm.get("ExtendedStatistic")), "Statistic")
        if "Metrics" in alarm:
            yield ("Metrics",), "names a metric of its own beside Metrics", "name it in one way"
    for index, query in enumerate(alarm.get("Metrics", [])):
        yield from of_query(query, ("Metrics", index))


def of_query(query: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    if ("Expression" in query) is ("MetricStat" in query):
        fault = "both an expression and a metric" if "Expression" in query else "neither an expression nor a metric"
        yield path, f"has a query {query.get('Id')!r} of {fault}", "give each query one of them"
    if not re.fullmatch("[a-z][A-Za-z0-9_]*", str(query.get("Id"))):
        yield path, f"has a query with the Id {query.get('Id')!r}", "begin it with a small letter"
    stat = query.get("MetricStat")
    if stat is not None:
        for inner, message, fix in of_metric(stat, stat.get("Stat"), "Stat"):
            yield (*path, "MetricStat", *inner), f"{message} in query {query.get('Id')!r}", fix


def of_metric(metric: Mapping[str, Any], statistic: Any, name: str) -> Iterator[Fault]:
    """Give what is wrong with the statistic and the period of one metric."""
    if statistic is None:
        yield (), f"has no {name}", f"set {name}"
    elif not is_statistic(str(statistic)):
        yield (
            (),
            f"has the statistic {statistic!r}, which is none",
            f"use one of {', '.join(STATISTICS)}, or a percentile",
        )
    period = str(metric.get("Period", "none"))
    periods = str(metric.get("EvaluationPeriods", 1))
    if period.isdigit() and periods.isdigit() and int(period) * int(periods) > (WEEK if int(period) >= HOUR else DAY):
        message = f"looks at {periods} periods of {period} s, longer than CloudWatch looks back"
        yield (), message, "look back a day at the most, or a week in periods of an hour"
    if of_functions(period):
        return
    if not period.isdigit() or not (int(period) in (10, 20, 30) or (int(period) and int(period) % 60 == 0)):
        yield (), f"has the period {period}, which CloudWatch refuses", "set Period to 10, 20, 30 or a multiple of 60"
