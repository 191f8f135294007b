"""In which region a property's value has to be, and in which it is.

Source: of each property, its row in the table regions of `stackproof.aws.data`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.aws.data import Row, rows
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.values import as_mapping, properties_path, values_at
from stackproof.topology.resource_index import resources_of

US_EAST_1 = "us-east-1"
CUSTOM = "AWS::CloudFormation::CustomResource"
STATED = re.compile(
    r"arn:[\w-]+:[\w-]+:(?P<arn>[a-z]{2}[a-z-]*-[0-9]+):"
    r"|https://[a-z]+\.(?P<url>[a-z]{2}[a-z-]*-[0-9]+)\.amazonaws\."
    r"|[0-9]+\.dkr\.ecr\.(?P<image>[a-z]{2}[a-z-]*-[0-9]+)\.amazonaws\."
)
"""Texts that state a region: ARNs, addresses of queues, images of a registry."""


class Regional(NamedTuple):
    """A value that has to be of something in `region`: where it stands, by which property, what is beside it."""

    logical: str
    path: Path
    key: str
    value: str
    region: str
    beside: Mapping[str, Any]


def values_of(properties: Mapping[str, Any], dotted: str) -> tuple[Any, ...]:
    """Return the values at a dotted path of some properties; see the table for what a path may hold."""
    return tuple(value for _, value in values_at(properties, dotted))


def in_own_region(stack: Stack) -> Iterator[Regional]:
    """Give the values that have to be in the region of their resource."""
    for logical, properties, row in _rows(stack, "here"):
        for path, value, beside in _values(_read(properties), row["here"]):
            where = path[:1] if isinstance(properties[str(path[0])], str) else path  # a text has no places inside
            region = _home(properties, path, row.get("home", ""), stack.scenario.region)
            yield Regional(logical, properties_path(logical, *where), _key(path), value, region, beside)


def in_us_east_1(stack: Stack) -> Iterator[Regional]:
    """Give the values that have to be in us-east-1, in the partition that has it."""
    if US_EAST_1 in stack.scenario.partition.regions:
        for logical, properties, row in _rows(stack, "us_east_1"):
            for path, value, beside in _values(properties, row["us_east_1"]):
                yield Regional(logical, properties_path(logical, *path), _key(path), value, US_EAST_1, beside)


def only_in_us_east_1(stack: Stack) -> Iterator[tuple[str, Path, str]]:
    """Give the resources that can be created in us-east-1 alone: each with what says so, and its value."""
    for logical, _, row in _rows(stack, "only_us_east_1"):
        key, value = next(iter(row.get("when", {}).items()), ("", stack.resources[logical]["Type"]))
        path = properties_path(logical, key) if key else ("Resources", logical)
        yield logical, path, f"{key} {value}".strip()


def elsewhere(stack: Stack, other: Stack, regional: Regional) -> str:
    """Return the region that a value is of where that is not the one it has to be in; "" if it is, or is not known.

    A text that states no region, such as the name of a bucket, is of the other region if only the other stack creates
    what it names.
    """
    stated = STATED.match(regional.value)
    if stated:
        found = stated["arn"] or stated["url"] or stated["image"]
    else:
        own, theirs = resources_of(stack, regional.value), resources_of(other, regional.value)
        found = other.scenario.region if theirs and not own else stack.scenario.region if own else ""
    return found if found != regional.region else ""


def _rows(stack: Stack, column: str) -> Iterator[tuple[str, Mapping[str, Any], Row]]:
    table = rows("regions")
    for logical, resource in stack.resources.items():
        kind = CUSTOM if resource["Type"].startswith("Custom::") else resource["Type"]
        for row in table.get(kind, ()):
            properties = resource.get("Properties", {})
            if column in row and _holds(properties, row.get("when", {}), all) \
                    and not (row.get("unless") and _holds(properties, row["unless"], any)):  # fmt: skip
                yield logical, properties, row


def _holds(properties: Mapping[str, Any], wanted: Mapping[str, str], of: Any) -> bool:
    return bool(
        of(any(found == value for _, found in values_at(properties, dotted)) for dotted, value in wanted.items())
    )


def _read(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return properties with the redrive policy that may stand as a text of JSON read."""
    policy = properties.get("RedrivePolicy")
    return {**properties, "RedrivePolicy": as_mapping(policy)} if isinstance(policy, str) else properties


def _values(properties: Mapping[str, Any], paths: Sequence[str]) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    for dotted in paths:
        for path, value in values_at(properties, dotted):
            if isinstance(value, str):
                beside: Any = properties
                for key in path[:-1]:
                    beside = beside[key]
                yield path, value, beside if isinstance(beside, Mapping) else {}


def _home(properties: Mapping[str, Any], path: Path, home: str, otherwise: str) -> str:
    """Return the region that a property says a part of a resource is in: the parts of its path with those of `path`."""
    if not home:
        return otherwise
    steps = (str(path[index]) if step == "*" else step for index, step in enumerate(home.split(".")))
    return str(next((value for _, value in values_at(properties, ".".join(steps))), otherwise))


def _key(path: Path) -> str:
    return ".".join(str(step) for step in path if isinstance(step, str))
