"""Every alarm has its bound in the unit of its metric, and one that the metric can come to.

A percentage goes from 0 to 100: an alarm above 0.8 sounds all day, and above 800 never. Latencies are seconds here and
milliseconds there, free space is bytes. What a metric cannot come to is named (more than a function's time-out, more
than 100 percent), and what it always or never is (less than a millisecond's worth, less than a megabyte free).
Source: of each metric, its row in the table units of stackproof.aws.data
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Stack, as_mapping, for_each, number, properties_path, written
from stackproof.aws.data import rows
from stackproof.topology.event_sources import function_of

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
COUNTS = ("SampleCount", "Sum")
WAITS = 300
"""Seconds for which nobody waits; a load balancer gives up after 60, unless it is told to wait longer. Source: Elastic
Load Balancing User Guide, "Connection idle timeout"."""
LATENCY, LAG = 60, 172_800
"""Seconds that no disk and no replica is behind; of a message, SQS keeps it 14 days."""
BOUNDS = {"TargetResponseTime": WAITS, "Latency": WAITS, "ReadLatency": LATENCY, "WriteLatency": LATENCY,
          "ReplicaLag": LAG, "ApproximateAgeOfOldestMessage": 1_209_600}  # fmt: skip
GATEWAY = 300_000
"""Milliseconds that a stage of API Gateway waits at the most. Source: API Gateway Developer Guide, "Quotas"."""
SHORT = 10
"""Milliseconds below which a bound on a latency was meant in seconds."""
LONG = ("AsyncEventAge", "Duration", "ExecutionTime", "IntegrationLatency", "Latency", "OriginLatency")
"""Latencies of which a few milliseconds are no news; replicas may be less behind than that."""
MEGABYTE = 1_000_000
EXAMPLE = "222222222222"
"""What `init` writes for a parameter that takes digits, until somebody fills it in."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each(stack.of_type("AWS::CloudWatch::Alarm"), partial(of_alarm, stack))


def of_alarm(stack: Stack, alarm: tuple[str, Mapping[str, Any]]) -> Iterator[Finding]:
    logical, properties = alarm
    metric, statistic = watched(properties)
    name = str(metric.get("MetricName"))
    unit = units().get((str(metric.get("Namespace")), name))
    if unit and statistic not in COUNTS and str(properties.get("Threshold", EXAMPLE)) != EXAMPLE:
        operator = str(properties.get("ComparisonOperator"))
        above, strict = operator.startswith("Greater"), operator == "GreaterThanThreshold"
        threshold = number(properties, "Threshold", 0)
        fault = FAULTS[unit](name, threshold, above, strict) or beyond_timeout(stack, metric, threshold, above)
        if fault:
            known = unit.partition("_")[0]
            message = f"{logical} goes off at {written(threshold)} of {name}, which is in {known}: {fault}"
            yield stack.finding(properties_path(logical, "Threshold"), message, f"set Threshold in {known}")


def watched(alarm: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Return the metric that an alarm compares and its statistic; nothing where it compares an expression."""
    queries = alarm.get("Metrics")
    if not isinstance(queries, list):
        return alarm, str(alarm.get("Statistic", ""))
    returned = [as_mapping(query) for query in queries if str(query.get("ReturnData", "true")).lower() == "true"]
    stat = as_mapping(returned[0].get("MetricStat")) if len(returned) == 1 else {}
    return as_mapping(stat.get("Metric")), str(stat.get("Stat", ""))


@cache
def units() -> Mapping[tuple[str, str], str]:
    return {
        (namespace, name): unit
        for namespace, listed in rows("units").items()
        for row in listed
        for unit, names in row.items()
        for name in names
        if unit != "source"
    }


def percent(name: str, threshold: float, above: bool, strict: bool) -> str:
    if threshold > 100 or (strict and threshold == 100):
        return "it is never more" if above else "it is always less"
    return fraction(name, threshold, above, strict)


def fraction(_: str, threshold: float, __: bool, ___: bool) -> str:
    return "a fraction of 1 is less than one percent" if 0 < threshold < 1 else ""


def of_bytes(_: str, threshold: float, above: bool, __: bool) -> str:
    return "that is less than a megabyte" if not above and 0 < threshold < MEGABYTE else ""


def seconds(name: str, threshold: float, above: bool, _: bool) -> str:
    most = BOUNDS.get(name, LAG)
    return f"it does not come to {written(most)}" if above and threshold >= most else ""


def milliseconds(name: str, threshold: float, above: bool, _: bool) -> str:
    if name in LONG and above and 0 < threshold < SHORT:
        return "that is next to nothing"
    if name in ("IntegrationLatency", "Latency") and above and threshold >= GATEWAY:
        return "API Gateway gives up before"
    return ""


FAULTS = {
    "percent": percent,
    "percent_and_more": fraction,
    "bytes": of_bytes,
    "seconds": seconds,
    "milliseconds": milliseconds,
}
"""By unit what is wrong with a bound of a metric: its number, whether it goes off above, and only above."""


def beyond_timeout(stack: Stack, metric: Mapping[str, Any], threshold: float, above: bool) -> str:
    """Return why the duration of a function does not come to a bound, "" if it may."""
    if metric.get("MetricName") != "Duration" or metric.get("Namespace") != "AWS/Lambda" or not above:
        return ""
    named = [str(dimension.get("Value")) for dimension in metric.get("Dimensions", [])]
    function = next((found for value in named if (found := function_of(stack, value))), None)
    timeout = number(stack.resources[function].get("Properties", {}), "Timeout", 3) if function else None
    return f"{function} is stopped after {timeout:g} s" if timeout and threshold > timeout * 1000 else ""
