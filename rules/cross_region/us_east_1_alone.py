"""What CloudFront, Route 53 and billing have in us-east-1 alone is asked for there, whatever region the stack is in.

Their certificates, access lists, functions at the edge and logs of queries are taken from us-east-1, and their metrics
are there and nowhere else: a resource of the stack's own region is refused, and an alarm in another region waits for
data for ever. In the other region's stack such things stand under a Condition, or are named by an ARN that it is given.
Source: of each, its row in the table regions of stackproof.aws.data
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, properties_path
from stackproof.aws.data import facts
from stackproof.monitoring.dashboards import drawn, widgets
from stackproof.topology.regional import US_EAST_1, elsewhere, in_us_east_1, only_in_us_east_1

APPLIES_TO = ("Resources",)
FIX = "create it where a Condition says that AWS::Region is us-east-1"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        if US_EAST_1 not in stack.scenario.partition.regions:
            continue
        region = stack.scenario.region
        for resource in in_us_east_1(stack):
            if there := elsewhere(stack, deployment.other(stack), resource):
                stated = f"{resource.logical} has {resource.value} as {resource.key}"
                message = f"{stated}, which is in {there} and has to be in us-east-1"
                yield stack.finding(resource.path, message, "give it the ARN of one in us-east-1")
        if region != US_EAST_1:
            for logical, path, what in only_in_us_east_1(stack):
                yield stack.finding(path, f"{logical} is in {region}, and {what} exists in us-east-1 alone", FIX)
        for logical, path, namespace, where in metrics(stack):
            if namespace in facts("regions", "only_us_east_1") and where not in ("", US_EAST_1):
                message = f"{logical} watches {namespace} in {where}, and its metrics are in us-east-1 alone"
                yield stack.finding(path, message, FIX)


def metrics(stack: Stack) -> Iterator[tuple[str, Path, str, str]]:
    """Give the namespaces of metrics that alarms and dashboards ask for, each with the region that they ask in."""
    for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
        if "Namespace" in properties:
            yield logical, properties_path(logical, "Namespace"), str(properties["Namespace"]), stack.scenario.region
        for index, query in enumerate(properties.get("Metrics", [])):
            metric = query.get("MetricStat", {}).get("Metric", {}) if isinstance(query, Mapping) else {}
            if "Namespace" in metric:
                path = properties_path(logical, "Metrics", index, "MetricStat", "Metric", "Namespace")
                yield logical, path, str(metric["Namespace"]), stack.scenario.region
    for logical, properties in stack.of_type("AWS::CloudWatch::Dashboard"):
        path = properties_path(logical, "DashboardBody")
        for widget in body(properties):
            yield from ((logical, path, source.namespace, source.region) for source in drawn(widget, path))


def body(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the widgets of a dashboard, none where its body cannot be read, which dashboards_sound says."""
    try:
        return widgets(str(properties.get("DashboardBody", "")))
    except ValueError:
        return []
