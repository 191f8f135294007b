"""What a dashboard shows of one region it shows of the other, beside it and alike.

Widgets whose titles say source and target are compared by eye: one that lacks a line, has another period or stands in
another row makes the two regions look different where they are not.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
pack: house
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from stackproof.api import Deployment, Finding, properties_path
from stackproof.monitoring.dashboards import widgets

APPLIES_TO = ("AWS::CloudWatch::Dashboard",)
SIDES = {"source": "target", "target": "source"}
Widget = Mapping[str, Any]


def check(deployment: Deployment) -> Iterator[Finding]:
    regions = [stack.scenario.region for stack in deployment.stacks]
    turned = {**SIDES, **dict(zip(regions, reversed(regions), strict=True))}
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::Dashboard"):
            for message in of_body(str(properties.get("DashboardBody", "")), tuple(turned.items())):
                path = properties_path(logical, "DashboardBody")
                yield stack.finding(path, f"{logical} {message}", "show both regions alike, with a title for each")


@lru_cache(maxsize=64)
def of_body(body: str, turned: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return what is wrong with a dashboard's body, which both stacks and many scenarios have alike."""
    try:
        return tuple(faults(widgets(body), dict(turned)))
    except ValueError:  # another rule's finding
        return ()


def faults(found: list[Widget], turned: Mapping[str, str]) -> Iterator[str]:
    by_title = {title(widget): widget for widget in found}
    others = {swapped({**widget, "x": 0, "properties": untitled(widget)}, turned): widget for widget in found}
    for widget in found:
        if widget.get("type") != "text" and not title(widget).strip():
            yield f"has a widget without a title, of type {widget.get('type')}"
            continue
        beside = by_title.get(swap(title(widget), turned))
        own = json.dumps({**widget, "x": 0}, sort_keys=True)
        if beside is None:
            twin = others.get(json.dumps({**widget, "x": 0, "properties": untitled(widget)}, sort_keys=True))
            if twin is not None and twin is not widget and is_of_a_side(widget):
                yield f"shows alike what it calls {title(widget)!r} and {title(twin)!r}"
        elif beside is not widget and is_of_a_side(widget) and swapped({**beside, "x": 0}, turned) != own:
            yield f"does not show the same in {title(widget)!r} and {title(beside)!r}"


def title(widget: Widget) -> str:
    return str(widget.get("properties", {}).get("title", ""))


def untitled(widget: Widget) -> dict[str, Any]:
    return {key: value for key, value in widget.get("properties", {}).items() if key != "title"}


def is_of_a_side(widget: Widget) -> bool:
    return any(word in SIDES for word in re.findall(r"\w+", title(widget).lower()))


def swap(text: str, turned: Mapping[str, str]) -> str:
    """Return a text in which each region and each side is the other."""
    words = "|".join(re.escape(word) for word in sorted(turned, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({words})(?!\w)|(?<=-)({words})(?![\w-])", lambda found: turned[found[0]], text)


def swapped(widget: Widget, turned: Mapping[str, str]) -> str:
    return swap(json.dumps(widget, sort_keys=True), turned)
