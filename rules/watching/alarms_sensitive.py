"""Every alarm on failures or on lag sees them: it goes off when there are more, and a few cannot hide among many.

The points of a count are added up and compared from above with a bound that can be passed; of a lag the greatest
counts. An average of errors is a rate, of lags it forgets the shard that stands still; a comparison from below sounds
while all is well, or never.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import nan
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Findings,
    Path,
    Stack,
    as_mapping,
    for_each,
    number,
    properties_path,
    resource_of,
)
from stackproof.aws.metrics import COUNTS, LAGS
from stackproof.topology.event_sources import consumers

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
AGES = ("GetRecords.IteratorAgeMilliseconds", "IteratorAge")
ABOVE = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
MILLISECONDS = 1000
"""What a mapping that polls once a second is behind. Source: Lambda Developer Guide, "Polling and batching streams"."""
SUCCESS = ("SuccessPercent", "HealthCheckStatus", "HealthCheckPercentageHealthy")
"""Metrics that are greatest while all is well. Source: CloudWatch User Guide, "CloudWatch metrics published by
canaries"; Route 53 Developer Guide, "Monitoring health checks using CloudWatch"."""
FITTING = {"count": ("Sum",), "lag": ("Maximum", "p9")}


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each(stack.of_type("AWS::CloudWatch::Alarm"), partial(of_alarm, stack))


def of_alarm(stack: Stack, alarm: tuple[str, Mapping[str, Any]]) -> Iterator[Finding]:
    logical, properties = alarm
    found = (*faults(properties), *too_late(stack, properties), *out_of_reach(stack, properties))
    for path, message, fix in (*found, *upside_down(properties)):
        yield stack.finding(properties_path(logical, *path), f"{logical} {message}", fix)


def faults(alarm: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    kinds = []
    for path, name, statistic in measured(alarm):
        kind = "count" if name in COUNTS else "lag" if name in LAGS else ""
        kinds.append(kind)
        if kind and statistic and not statistic.startswith(FITTING[kind]):
            message = f"takes the {statistic} of {name}, which is a {kind}"
            yield path, message, f"take the {FITTING[kind][0]}"
    if not kinds or "" in kinds or "Threshold" not in alarm:
        return
    if alarm.get("TreatMissingData") == "breaching":
        message = "goes off where nothing is counted, which is what an idle side does"
        yield ("TreatMissingData",), message, "treat missing data as notBreaching"
    comparison, threshold = str(alarm.get("ComparisonOperator")), number(alarm, "Threshold", 0)
    if comparison not in ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold"):
        message = f"goes off by {comparison} {threshold:g}, so not when there are more failures"
        yield ("ComparisonOperator",), message, "use GreaterThanThreshold"
    elif threshold < 0 or (threshold == 0 and comparison != "GreaterThanThreshold"):
        yield ("Threshold",), f"goes off by {comparison} {threshold:g}, so always", "set a bound that has to be passed"


def upside_down(alarm: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Find an alarm that is told while all is well: its metric is greatest then."""
    name, comparison = alarm.get("MetricName"), alarm.get("ComparisonOperator")
    if name in SUCCESS and comparison in ABOVE and alarm.get("AlarmActions"):
        yield ("ComparisonOperator",), f"goes off while {name} is high, which is well", "use LessThanThreshold"


def too_late(stack: Stack, alarm: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Find an alarm on the age of a stream's records that waits until the stream has lost them."""
    if alarm.get("MetricName") not in AGES:
        return
    threshold = number(alarm, "Threshold", 0)
    watched = {str(dimension.get("Value")) for dimension in alarm.get("Dimensions", [])}
    ref = stack.evaluator.references.ref
    for consumer in consumers(stack, "AWS::Kinesis::Stream"):
        if watched & {str(ref(consumer.function)), str(ref(consumer.source))}:
            limit = number(consumer.of(stack, consumer.source), "RetentionPeriodHours", 24) * 3_600_000
            if threshold >= limit / 2:
                message = (
                    f"waits {threshold:g} ms for {consumer.function}, and {consumer.source} keeps records {limit:g} ms"
                )
                yield ("Threshold",), message, f"set Threshold to less than {limit / 2:g}"


def out_of_reach(stack: Stack, alarm: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Find bounds in another unit than the metric's, and a count that does not see what it is to see.

    Source: Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS": what a queue moves to its
    dead-letter queue is not counted as sent.
    """
    name, threshold = alarm.get("MetricName"), number(alarm, "Threshold", 0)
    dimensions = [str(dimension.get("Value")) for dimension in alarm.get("Dimensions", [])]
    queue = next(
        (queue_named for each in dimensions if (queue_named := resource_of(stack, each, "AWS::SQS::Queue"))), None
    )
    kept = number(stack.resources[queue].get("Properties", {}), "MessageRetentionPeriod", 345_600) if queue else nan
    if name == "ApproximateAgeOfOldestMessage" and threshold >= kept:
        message = f"waits for messages of {threshold:g} s, and {queue} keeps them {kept:g} s"
        yield ("Threshold",), message, "set Threshold in seconds, to less than half of that"
    if name in AGES and alarm.get("ComparisonOperator") in ABOVE and 0 < threshold < MILLISECONDS:
        message = f"goes off {threshold:g} ms behind, which a consumer always is"
        yield ("Threshold",), message, "set Threshold in milliseconds"
    idle = queue and str(name).startswith("ApproximateNumberOf") and alarm.get("TreatMissingData") == "breaching"
    if idle and alarm.get("ComparisonOperator") in ABOVE:
        message = f"goes off where {queue} has been idle for six hours, of which SQS publishes nothing"
        yield ("TreatMissingData",), message, "treat missing data as notBreaching"
    letters = (
        as_mapping(properties.get("RedrivePolicy")).get("deadLetterTargetArn")
        for _, properties in stack.of_type("AWS::SQS::Queue")
    )
    if name == "NumberOfMessagesSent" and queue and queue in [resource_of(stack, letter) for letter in letters]:
        message = f"counts messages sent to {queue}, of which those that a queue gives up are none"
        yield ("MetricName",), message, "watch ApproximateNumberOfMessagesVisible"


def measured(alarm: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    """Give each metric of an alarm: where its statistic is, its name, and the statistic."""
    if "MetricName" in alarm:
        key = "Statistic" if "Statistic" in alarm else "ExtendedStatistic"
        yield (key,) if key in alarm else (), str(alarm["MetricName"]), str(alarm.get(key, ""))
    for index, query in enumerate(alarm.get("Metrics", [])):
        stat = query.get("MetricStat", {})
        if stat:
            where = ("Metrics", index, "MetricStat", "Stat")
            yield where, str(stat["Metric"].get("MetricName")), str(stat.get("Stat", ""))
