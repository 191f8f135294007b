"""An event rule asks for detail types that its source sends, and for values that events of the type have.

A detail type that is misspelt, or that belongs to another source, matches nothing, and nobody is told. The types of the
services of a table are known; of a service that has more types than the table, a type is named only where it is all but
one of them, or is another service's. Sources that are not AWS's are not known.
Source: https://docs.aws.amazon.com/eventbridge/latest/ref/events.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
pack: resilience
severity: error
setting: newer: detail types that AWS has come to send since
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Path, as_mapping, properties_path, values_at
from stackproof.aws.data import facts

APPLIES_TO = ("AWS::Events::Rule",)
ALIKE = 0.87
BY_CLOUDTRAIL = (
    "AWS API Call via CloudTrail",
    "AWS Console Action via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Insight via CloudTrail",
    "AWS Service Event via CloudTrail",
)
Fault = tuple[Path, str, str]


class Settings(NamedTuple):
    newer: tuple[str, ...] = ()


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        if stack.scenario.partition.name == "aws-cn":  # where events are called Amazon's
            continue
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            pattern = as_mapping(properties.get("EventPattern"))
            sources = [str(source) for source in listed(pattern.get("source"))]
            types = listed(pattern.get("detail-type"))
            for index, kind in enumerate(types):
                if isinstance(kind, str) and kind not in settings.newer and (why := unknown(kind, sources)):
                    path = properties_path(logical, "EventPattern", "detail-type", index)
                    yield stack.finding(path, f"{logical} asks for events {kind!r}, {why[0]}", why[1])
            if len(types) == 1:
                path = properties_path(logical, "EventPattern", "detail")
                for at, field, value, known in strange(str(types[0]), pattern.get("detail")):
                    message = f"{logical} asks for the {field} {value!r}, which no event {types[0]!r} has"
                    yield stack.finding((*path, *at), message, f"ask for some of {', '.join(known)}")


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def unknown(kind: str, sources: list[str]) -> tuple[str, str] | None:
    """Return why no source sends a type, and what to write; None where one does, or where it is not known."""
    if not sources or not all(source.startswith("aws.") for source in sources):
        return None
    services = [source.removeprefix("aws.") for source in sources]
    whole, some = facts("services", "event_types"), facts("services", "some_event_types")
    own = [known for service in services for known in (*whole.get(service, ()), *some.get(service, ()))]
    if kind in own or kind in BY_CLOUDTRAIL:
        return None
    for owner, types in (*whole.items(), *some.items()):
        if kind in types and owner not in services:
            return f"which aws.{owner} sends, and not {', '.join(sources)}", f"name the source aws.{owner}"
    near = get_close_matches(kind, [*own, *BY_CLOUDTRAIL], 1, ALIKE)
    if all(service in whole for service in services) or near:
        return f"and {', '.join(sources)} sends none of that type", f"write {near[0]}" if near else choice(own)
    return None


def choice(types: list[str]) -> str:
    return f"name one of {', '.join(types[:4])}{' …' if len(types) > 4 else ''}"


def strange(kind: str, detail: Any) -> Iterator[tuple[Path, str, str, list[str]]]:
    """Give the values that fields of a type's events never have: where they stand, the field, what it has instead."""
    by_type: Mapping[str, Any] = {}
    for known in facts("services", "values_by_type").values():
        by_type = {**by_type, **known}
    for field, values in by_type.get(kind, {}).items() if isinstance(detail, Mapping) else ():
        for at, asked in values_at(detail, f"{field}.*"):
            if isinstance(asked, str) and asked not in values:
                yield at, field, asked, values
