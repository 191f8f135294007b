"""Every dashboard draws metrics that exist in the region that it names, and asks log groups that are there.

CloudWatch takes a dashboard whose widgets stay empty, and it is looked at on the day that something else fails.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Path, Stack, for_each, properties_path, resources_by_name
from stackproof.monitoring.dashboards import asked, drawn, searched, widgets
from stackproof.monitoring.published_metrics import unfound_because, unpublished_because
from stackproof.topology.elsewhere import others_create

APPLIES_TO = ("AWS::CloudWatch::Dashboard",)

KEYS = {"type", "x", "y", "width", "height", "properties"}
TYPES = ("alarm", "custom", "explorer", "log", "metric", "text")


def check(deployment: Deployment) -> Findings:
    regions = {stack.scenario.region: stack for stack in deployment.stacks}
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::Dashboard"):
            path: Path = properties_path(logical, "DashboardBody")
            try:
                found = widgets(str(properties.get("DashboardBody", "")))
            except ValueError as error:
                yield stack.finding(path, f"the body of {logical} is no dashboard: {error}", "correct its JSON")
                continue
            yield from for_each(found, partial(of_widget, deployment, regions, stack, logical))


def of_widget(
    deployment: Deployment, regions: dict[str, Stack], stack: Stack, logical: str, widget: Mapping[str, Any]
) -> Iterator[Finding]:
    path = properties_path(logical, "DashboardBody")
    for message in faults(deployment, regions, widget, path):
        yield stack.finding(path, f"{logical} {message}", "name what the region's stack has")


def faults(deployment: Deployment, regions: dict[str, Stack], widget: Mapping[str, Any], path: Path) -> Iterator[str]:
    metrics, searches = list(drawn(widget, path)), list(searched(widget, path))
    for key in sorted(widget.keys() - KEYS):
        yield f"has a widget with {key!r}, which none has"
    if widget.get("type") not in TYPES:
        yield f"has a widget of the type {widget.get('type')!r}, which is none"
    if "properties" not in widget:
        yield "has a widget without properties"
    if widget.get("type") == "metric" and not metrics and not searches:
        yield "has a widget that draws nothing"
    for metric, dimensions in searches:
        if metric.region not in regions:
            yield f"searches {metric.namespace} in {metric.region or 'no region'}, where no stack is"
        elif why := unfound_because(deployment, regions[metric.region], metric, dimensions):
            yield f"searches {metric} in {metric.region}, which finds nothing: {why}"
    for metric in metrics:
        if metric.region not in regions:
            yield f"draws {metric} in {metric.region or 'no region'}, where no stack is"
        elif why := unpublished_because(deployment, regions[metric.region], metric):
            yield f"draws {metric} in {metric.region}, which is not there: {why}"
    region, groups = asked(widget) if widget.get("type") == "log" else ("", [])
    for group in groups:
        if region in regions and others_create(deployment, group):
            continue
        if region not in regions or group not in resources_by_name(regions[region], "AWS::Logs::LogGroup"):
            yield f"asks the log group {group!r} in {region or 'no region'}, which no stack creates there"
    if widget.get("type") == "log" and not groups:
        yield "has a query of no log group"
