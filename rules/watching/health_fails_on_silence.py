"""The alarm of a health check goes off on silence, and a schedule breaks the silence while all is well.

What is dead sends no metric. A health check that follows an alarm to which missing data is no harm keeps answering
for a region that is gone, as does one that keeps its last status. And where silence is failure something has to speak
every few minutes, or a region without customers would be given up.
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, properties_path, resource_of, resources_by_name

APPLIES_TO = ("AWS::Route53::HealthCheck",)
TAKERS = ("AWS::Kinesis::Stream", "AWS::Lambda::Function", "AWS::SQS::Queue")
"""What a schedule may send to so that the work that is watched is done."""


def check(deployment: Deployment) -> Iterator[Finding]:
    regions = {stack.scenario.region: stack for stack in deployment.stacks}
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Route53::HealthCheck"):
            config = properties.get("HealthCheckConfig", {})
            if config.get("Type") == "CLOUDWATCH_METRIC":
                yield from of_check(stack, logical, config)
                alarm = config.get("AlarmIdentifier", {})
                watched = regions.get(str(alarm.get("Region")))
                named = (
                    resources_by_name(watched, "AWS::CloudWatch::Alarm").get(str(alarm.get("Name")))
                    if watched
                    else None
                )
                if watched and named:
                    yield from of_alarm(watched, logical, named)


def of_check(stack: Stack, logical: str, config: Mapping[str, Any]) -> Iterator[Finding]:
    status = config.get("InsufficientDataHealthStatus")
    if status != "Unhealthy":
        message = f"{logical} takes an alarm without data for {status or 'its last status'}"
        path = properties_path(logical, "HealthCheckConfig")
        yield stack.finding(path, message, "set InsufficientDataHealthStatus to Unhealthy")


def of_alarm(stack: Stack, check: str, alarm: str) -> Iterator[Finding]:
    properties = stack.resources[alarm].get("Properties", {})
    treated = properties.get("TreatMissingData", "missing")
    path = properties_path(alarm)
    if treated != "breaching":
        message = f"{check} follows {alarm}, to which missing data is {treated}: a region that is gone stays healthy"
        fix = "watch what is done, with LessThanThreshold and TreatMissingData breaching"
        yield stack.finding(path, message, fix)
    elif not any(speaks(stack)):
        message = f"{check} follows {alarm}, and no schedule of the stack gives it anything to count"
        yield stack.finding(path, message, "add a schedule that sends something to do every minute")


def speaks(stack: Stack) -> Iterator[bool]:
    """Tell of each target of the stack's schedules whether it is one that works."""
    targets: list[Any] = []
    for _, properties in stack.of_type("AWS::Scheduler::Schedule"):
        if properties.get("State", "ENABLED") == "ENABLED":
            targets.append(properties.get("Target", {}))
    for _, properties in stack.of_type("AWS::Events::Rule"):
        if properties.get("ScheduleExpression") and properties.get("State", "ENABLED") != "DISABLED":
            targets += as_list(properties.get("Targets", []))
    for target in targets:
        logical = resource_of(stack, str(target.get("Arn")))
        yield logical is not None and stack.resources[logical]["Type"] in TAKERS
