"""The widgets of a dashboard: the metrics that they draw, their shorthand written out, and the log groups they ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.aws.metrics import Metric
from stackproof.foundation.finding import Path

SOURCE = re.compile(r"SOURCE\s+'([^']+)'")
SEARCH = re.compile(r"SEARCH\(\s*'\s*\{([^}]*)\}([^']*)'")
TERM = re.compile(r'\b(\w+)="([^"]*)"')


def widgets(body: str) -> list[Mapping[str, Any]]:
    """Return the widgets of a dashboard's body; raise ValueError if it is none."""
    value = json.loads(body)
    found = value.get("widgets") if isinstance(value, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError("it has no list of widgets")
    return found


def drawn(widget: Mapping[str, Any], path: Path) -> Iterator[Metric]:
    """Give the metrics of a widget; expressions are left out.

    Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax": "..." repeats what the row above has before
    the last field, "." the field above; a mapping at the end says how to draw it.
    """
    properties = widget.get("properties", {})
    above: list[str] = []
    for row in properties.get("metrics", []):
        options = row[-1] if row and isinstance(row[-1], dict) else {}
        fields = [field for field in row if isinstance(field, str)]
        if "expression" in options or not fields:
            continue
        if fields[0] == "...":
            fields = [*above[: len(above) - len(fields) + 1], *fields[1:]]
        fields = [above[at] if field == "." and at < len(above) else field for at, field in enumerate(fields)]
        above = fields
        period = options.get("period", properties.get("period"))
        region = options.get("region", properties.get("region", ""))
        dimensions = dict(zip(fields[2::2], fields[3::2], strict=False))
        yield Metric(fields[0], fields[1] if len(fields) > 1 else "", dimensions, path, period, str(region))


def searched(widget: Mapping[str, Any], path: Path) -> Iterator[tuple[Metric, frozenset[str]]]:
    """Give the searches of a widget: a metric with the dimensions that a search gives, and all that it asks for.

    Source: Amazon CloudWatch User Guide, "CloudWatch search expression syntax": SEARCH('{NAMESPACE,DIMENSION} TERMS'),
    where a term NAME="VALUE" is met exactly.
    """
    properties = widget.get("properties", {})
    for row in properties.get("metrics", []):
        options = row[-1] if row and isinstance(row[-1], dict) else {}
        for schema, terms in SEARCH.findall(str(options.get("expression", ""))):
            namespace, *names = (part.strip() for part in schema.split(","))
            dimensions = dict(TERM.findall(terms))
            name = dimensions.pop("MetricName", "")
            region = str(options.get("region", properties.get("region", "")))
            yield Metric(namespace, name, dimensions, path, properties.get("period"), region), frozenset(names)


def asked(widget: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the region and the log groups of a widget's log query."""
    properties = widget.get("properties", {})
    return str(properties.get("region", "")), SOURCE.findall(str(properties.get("query", "")))
