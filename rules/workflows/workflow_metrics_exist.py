"""Every metric that a state machine reads exists, of resources that the stack has.

GetMetricData answers a query for a metric that nobody publishes with no values, as it does where nothing happened: the
machine waits for ever, or takes silence for health. A service's metrics are looked up in a table made from the guides.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
pack: resilience
severity: error
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Path, Stack, for_each
from stackproof.aws.metrics import Metric, is_statistic, metric_of
from stackproof.code.state_machines import State, StateMachine, all_states, literal, state_machines
from stackproof.iam.integrations import integration
from stackproof.monitoring.published_metrics import unpublished_because
from stackproof.topology.texts import texts as all_texts

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)
CHOSEN = re.compile(r"MetricDataResults\[\s*Id\s*=\s*'([^']*)'")
Query = tuple[Path, Mapping[str, Any]]


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            for state in all_states(machine):
                called = integration(str(state.value.get("Resource", "")))
                if called and (called.service, called.operation) == ("cloudwatch", "getMetricData"):
                    yield from of_results(stack, machine, state)
                    yield from for_each([*queries(state)], partial(of_query, deployment, stack, machine, state))


def queries(state: State) -> Iterator[Query]:
    arguments = state.arguments()
    listed = arguments.get("MetricDataQueries") if isinstance(arguments, Mapping) else None
    for index, query in enumerate(listed if isinstance(listed, list) else ()):
        stat = query.get("MetricStat") if isinstance(query, Mapping) else None
        if isinstance(stat, Mapping) and isinstance(stat.get("Metric"), Mapping):
            key = "Arguments" if state.language == "JSONata" else "Parameters"
            yield (*state.path, key, "MetricDataQueries", index, "MetricStat"), stat


def of_query(
    deployment: Deployment, stack: Stack, machine: StateMachine, state: State, query: Query
) -> Iterator[Finding]:
    place, stat = query
    path, metric = machine.at(*place), stat["Metric"]
    name = f"the task {state.name} of {machine.logical}"
    statistic = literal(stat.get("Stat"), state.language)
    if statistic is not None and not is_statistic(str(statistic)):
        message = f"{name} asks for the statistic {statistic!r}, which is none"
        yield stack.finding(path, message, "use Average, Maximum, Minimum, SampleCount, Sum, or a percentile")
    if not {"Namespace", "MetricName"} <= metric.keys():
        yield stack.finding(path, f"{name} reads a metric without Namespace or MetricName", "name both")
    elif all(literal(text, state.language) is not None for text in texts(metric)):
        watched: Metric = metric_of(metric, path, stat.get("Period"))
        if why := unpublished_because(deployment, stack, watched):
            message = f"{name} reads {watched}, which is not there: {why}"
            yield stack.finding(path, message, "name a metric that is published")


def of_results(stack: Stack, machine: StateMachine, state: State) -> Iterator[Finding]:
    """Find expressions that look among the results for the Id of a query that the task does not ask."""
    arguments = state.arguments()
    listed = arguments.get("MetricDataQueries") if isinstance(arguments, Mapping) else None
    ids = [query.get("Id") for query in listed if isinstance(query, Mapping)] if isinstance(listed, list) else []
    if not ids or any(literal(name, state.language) is None for name in ids):
        return
    for path, text in all_texts({key: state.value[key] for key in ("Assign", "Output") if key in state.value}):
        for name in CHOSEN.findall(text):
            if name not in ids:
                message = f"the task {state.name} of {machine.logical} reads the result {name!r}, and asks for none"
                yield stack.finding(machine.at(*state.path, *path), message, f"name one of {', '.join(map(str, ids))}")


def texts(metric: Mapping[str, Any]) -> Iterator[Any]:
    """Give what a metric is named by; only a run tells what an expression of it comes to."""
    yield from (metric["Namespace"], metric["MetricName"])
    for dimension in metric.get("Dimensions", []):
        yield from (dimension.get("Name"), dimension.get("Value"))
