"""What a health check follows or calls is what a health check can: an alarm of the region that it names, an address.

Route 53 does not ask the alarm for its state: it reads the alarm's metric itself and compares by the alarm's settings.
It knows metrics of a minute and longer, the five plain statistics, and every period in a row: no metric math, no M out
of N, no percentiles. An alarm that has more is refused, or followed otherwise than it reads. Nor does a lag tell
health: a side that was idle and has to catch up would be given up. Silence is no health, and what a check calls itself
has to be public.
Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AlarmIdentifier.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from math import isnan, nan
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Stack,
    as_list,
    as_mapping,
    is_true,
    number,
    properties_path,
    resources_by_name,
)
from stackproof.aws.metrics import LAGS

APPLIES_TO = ("AWS::Route53::HealthCheck",)
STATISTICS = ("Average", "Minimum", "Maximum", "Sum", "SampleCount")


def check(deployment: Deployment) -> Iterator[Finding]:
    regions = {stack.scenario.region: stack for stack in deployment.stacks}
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Route53::HealthCheck"):
            config = properties.get("HealthCheckConfig", {})
            if config.get("Type") != "CLOUDWATCH_METRIC":
                yield from of_endpoint(stack, logical, as_mapping(config))
                yield from of_children(stack, logical, as_mapping(config))
                continue
            if config.get("InsufficientDataHealthStatus") == "Healthy":
                where = properties_path(logical, "HealthCheckConfig", "InsufficientDataHealthStatus")
                message = f"{logical} takes silence for health: a region that is down sends nothing"
                yield stack.finding(where, message, "set InsufficientDataHealthStatus to Unhealthy")
            for key, fault in (
                ("Disabled", "is switched off, and healthy for ever"),
                ("Inverted", "takes well for ill"),
            ):
                if is_true(config.get(key)):
                    where = properties_path(logical, "HealthCheckConfig", key)
                    yield stack.finding(where, f"{logical} {fault}", f"leave {key} out")
            alarm = config.get("AlarmIdentifier", {})
            name, region = str(alarm.get("Name")), str(alarm.get("Region"))
            path = properties_path(logical, "HealthCheckConfig", "AlarmIdentifier")
            known = resources_by_name(regions[region], "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")\
                if region in regions else {}  # fmt: skip
            if name.startswith("arn:"):
                message = f"{logical} follows the alarm {name!r}, and a health check takes the name of an alarm"
                yield stack.finding(path, message, "name it by Ref")
                continue
            if name not in known:
                message = f"{logical} follows the alarm {name!r} of {region}, which no stack creates there"
                yield stack.finding(path, message, "name an alarm and its region")
                continue
            found = regions[region].resources[known[name]]
            for fault in faults(found["Type"], found.get("Properties", {})):
                message = f"{logical} follows {known[name]}, which {fault}: a health check cannot follow that"
                yield regions[region].finding(("Resources", known[name]), message, "follow an alarm without that")


def of_endpoint(stack: Stack, logical: str, config: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what a check that calls an address cannot call: checkers stand outside of every VPC."""
    path = properties_path(logical, "HealthCheckConfig")
    try:
        address = ip_address(str(config.get("IPAddress", "")))
    except ValueError:
        address = None
    if address is not None and (address.is_private or address.is_loopback or address.is_link_local):
        message = f"{logical} calls {address}, which no checker of Route 53 reaches"
        yield stack.finding((*path, "IPAddress"), message, "name a public address, or follow an alarm")
    resource = str(config.get("ResourcePath", ""))
    if resource and not resource.startswith(("/", "{{")):
        message = f"{logical} asks for the path {resource!r}, and a path begins with a slash"
        yield stack.finding((*path, "ResourcePath"), message, f"write /{resource}")


def of_children(stack: Stack, logical: str, config: Mapping[str, Any]) -> Iterator[Finding]:
    """Find a calculated check that no state of its children makes healthy, or that none makes unhealthy.

    Source: Route 53 API Reference, "HealthCheckConfig", HealthThreshold: more than the children is always unhealthy, 0
    always healthy.
    """
    children, threshold = as_list(config.get("ChildHealthChecks", [])), number(config, "HealthThreshold", nan)
    if config.get("Type") != "CALCULATED" or 0 < threshold <= len(children) or isnan(threshold):
        return
    message = f"{logical} is healthy where {threshold:g} of {len(children)} checks are, so " + (
        "always" if threshold <= 0 else "never"
    )
    path = properties_path(logical, "HealthCheckConfig", "HealthThreshold")
    yield stack.finding(path, message, f"set HealthThreshold to 1 to {len(children)}")


def faults(kind: str, alarm: Mapping[str, Any]) -> Iterator[str]:
    if kind != "AWS::CloudWatch::Alarm":
        yield "is made of other alarms"
    if "Metrics" in alarm:
        yield "reckons with metric math"
    if alarm.get("MetricName") in LAGS:
        yield f"watches {alarm['MetricName']}, which grows where work waits and not where it fails"
    if "ExtendedStatistic" in alarm or alarm.get("Statistic", "Sum") not in STATISTICS:
        yield f"has the statistic {alarm.get('ExtendedStatistic', alarm.get('Statistic'))}"
    periods = number(alarm, "EvaluationPeriods", 1)
    if number(alarm, "DatapointsToAlarm", periods) < periods:
        yield f"needs {alarm['DatapointsToAlarm']} of {alarm.get('EvaluationPeriods')} periods"
    if number(alarm, "Period", 60) < 60:
        yield f"has a period of {alarm['Period']} s"
    if "ThresholdMetricId" in alarm:
        yield "follows an anomaly detector"
