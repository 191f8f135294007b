"""The metrics that services publish, as `data/metrics.yaml` has them, and those that an alarm watches."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.data import facts, rows
from stackproof.foundation.finding import Path

DAY = 86_400


STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
EXTENDED = re.compile(r"p\d{1,3}(\.\d+)?|(tm|wm|tc|ts)\d{1,3}(\.\d+)?|(TM|WM|PR|TC|TS)\(.+\)|IQM")


def is_statistic(text: str) -> bool:
    """Tell whether CloudWatch has a statistic. Source: CloudWatch User Guide, "CloudWatch statistics definitions"."""
    return text in STATISTICS or EXTENDED.fullmatch(text) is not None


class Metric(NamedTuple):
    """A metric as something watches it: `path` is where, `period` in seconds if it is stated."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    path: Path
    period: int | None = None
    region: str = ""

    def __str__(self) -> str:
        dimensions = ", ".join(f"{name} {value}" for name, value in self.dimensions.items())
        return f"{self.namespace} {self.name} of {dimensions or 'nothing'}"


def _kind(*columns: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Give namespace, name and dimensions of the metrics in some columns of the table."""
    for namespace, sets in rows("metrics").items():
        for row in sets:
            for name in (name for column in columns for name in row.get(column, ())):
                yield namespace, name, frozenset(row["dimensions"])


def _published() -> Mapping[str, Collection[tuple[str, frozenset[str]]]]:
    found: dict[str, dict[tuple[str, frozenset[str]], None]] = {}
    for namespace, name, dimensions in _kind("failures", "lags", "daily", "others"):
        found.setdefault(namespace, {})[name, dimensions] = None
    return found


def _named_by() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind, names in facts("resource_types", "dimensions").items():
        found |= {name: (*found.get(name, ()), kind) for name in names}
    return found


PUBLISHED = _published()
"""The metrics of each namespace, with each set of dimensions that they have."""
NAMED_BY = _named_by()
"""The types whose names the values of a dimension are."""
COUNTS = frozenset(name for _, name, _ in _kind("failures"))
"""Metrics that count what went wrong: they are added up."""
LAGS = frozenset(name for _, name, _ in _kind("lags"))
"""Metrics of how far something is behind: the worst counts."""
AT_DESTINATION = frozenset((namespace, name) for namespace, name, _ in _kind("at_destination"))
"""Metrics of a replication that are published in the region of its destination."""
SLOW = frozenset(name for _, name, _ in _kind("daily"))
"""Metrics of one point a day."""


def watched(logical: str, properties: Mapping[str, Any]) -> Iterator[Metric]:
    """Give the metrics that an alarm watches, alone or in an expression."""
    path: Path = ("Resources", logical, "Properties")
    if "MetricName" in properties:
        yield metric_of(properties, path, properties.get("Period"))
    for index, query in enumerate(properties.get("Metrics", [])):
        if "MetricStat" in query:
            inner = query["MetricStat"]
            yield metric_of(inner["Metric"], (*path, "Metrics", index, "MetricStat", "Metric"), inner.get("Period"))


def metric_of(properties: Mapping[str, Any], path: Path, period: Any) -> Metric:
    """Return a metric by its Namespace, MetricName and Dimensions."""
    dimensions = {str(dimension["Name"]): str(dimension["Value"]) for dimension in properties.get("Dimensions", [])}
    return Metric(
        str(properties.get("Namespace", "")),
        str(properties["MetricName"]),
        dimensions,
        path,
        int(str(period)) if str(period).isdigit() else None,
    )
