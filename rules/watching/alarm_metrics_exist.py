"""Every alarm watches metrics that exist, of resources that the stack has.

CloudWatch takes an alarm on a metric that nobody publishes, and waits for it for ever: a misspelt metric, a dimension
too few or too many, a name of another region. Metrics of services are looked up in a table made from their guides,
those of the platform's own in the code that puts them.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.deployment import Deployment
from stackproof.finding import Finding
from stackproof.metrics import watched
from stackproof.publishing import why_not
from stackproof.stack import Stack

APPLIES_TO = ("AWS::CloudWatch::Alarm",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
            metrics = list(watched(logical, properties))
            if not metrics:
                yield stack.finding(("Resources", logical), f"{logical} watches no metric", "give it one")
            for metric in metrics:
                if why := why_not(deployment, stack, metric):
                    message = f"{logical} watches {metric}, which is not there: {why}"
                    yield stack.finding(metric.path, message, "name a metric that is published")
            yield from mathematics(stack, logical, properties.get("Metrics", []))


def mathematics(stack: Stack, logical: str, queries: list[Mapping[str, Any]]) -> Iterator[Finding]:
    """Give findings for an expression of an id that is not there, and unless one query alone is the alarm's."""
    ids = {str(query.get("Id")) for query in queries}
    for index, query in enumerate(queries):
        words = set(
            re.findall(r"\b[a-z]\w*\b(?!\s*\()", re.sub(r"'[^']*'|\"[^\"]*\"", "", query.get("Expression", "")))
        )
        for missing in sorted(words - ids):
            path = ("Resources", logical, "Properties", "Metrics", index, "Expression")
            yield stack.finding(path, f"{logical} reckons with {missing}, which no query is", "name a query by its Id")
    returned = [query for query in queries if query.get("ReturnData", True) is not False]
    if queries and len(returned) != 1:
        at = ("Resources", logical, "Properties", "Metrics")
        message = f"{logical} has {len(returned)} queries that return data, an alarm takes one"
        yield stack.finding(at, message, "say ReturnData false for the others")
