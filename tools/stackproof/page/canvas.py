"""The parts of a picture of two stacks, and the canvas that resources are put on, mirrored, from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Side
from stackproof.page.grouping import Group

# Sizes in the picture's own units, a pixel each where it is not scaled.
CHIP, TALL, GAP, PAD, HEAD = 26, 38, 6, 9, 22
COLUMN, MARGIN, TOP = 200, 6, 54
STRIP = 88
"""How wide it is beside each region where lines are level and labels stand: the longest label, and some room."""
GUTTER = 2 * STRIP + 150
REGION = 2 * COLUMN + GAP + 6 * PAD
WIDTH = 2 * (REGION + MARGIN) + GUTTER

Node = tuple[Side, str]
Point = tuple[float, float]


class Frame(NamedTuple):
    """A rectangle with a title and what is said beside it; style is region, group or band.

    `broken` is how much is found of the resource that it stands for.
    """

    x: float
    y: float
    width: float
    height: float
    title: str
    more: str
    style: str
    broken: int = 0


class Spot(NamedTuple):
    """Where a resource is drawn, and how high."""

    x: float
    y: float
    height: float


class Chip(NamedTuple):
    """A resource; style is its group's number, or "missing" on a side without it, "replica" of a global table.

    `broken` is how much is found of it and of its parts.
    """

    x: float
    y: float
    height: float
    text: str
    more: str
    title: str
    style: str
    broken: int = 0


class Arrow(NamedTuple):
    """What leads across, from one resource to another, each SIDE:ID; the middle of the label is x, y, "" for none."""

    begin: str
    end: str
    kind: str
    line: str
    title: str
    x: float
    y: float
    backwards: bool
    label: str


class Picture(NamedTuple):
    """What is drawn, from the back to the front."""

    width: float
    height: float
    frames: Sequence[Frame]
    chips: Sequence[Chip]
    arrows: Sequence[Arrow]


class Half(NamedTuple):
    """One side: its stack, and where things stand there."""

    stack: Stack
    left: bool

    def at(self, x: float, width: float) -> float:
        """Return where something of a width stands whose distance from the outer edge is x."""
        return MARGIN + x if self.left else WIDTH - MARGIN - x - width

    def edge(self, x: float, width: float) -> float:
        """Return where its inner edge is, which faces the other side."""
        return self.at(x, width) + (width if self.left else 0)


class Canvas:
    """What has been drawn so far, and where each resource can be reached from the other side."""

    def __init__(self, deployment: Deployment, crossing: frozenset[str], replicas: frozenset[Node]) -> None:
        self.sides = (Half(deployment.source, True), Half(deployment.target, False))
        self.crossing = crossing
        self.replicas = replicas
        self.frames: list[Frame] = []
        self.chips: list[Chip] = []
        self.reach: dict[Node, Point] = {}

    def group(self, group: Group, top: float, depth: int, style: str) -> float:
        """Draw a group on both sides from `top` on; return where it ends."""
        inset = PAD * (depth + 1)
        width = REGION - 2 * inset
        slot = len(self.frames)
        y = top + HEAD
        for inner in group.inside:
            y = self.group(inner, y, depth + 1, style) + GAP
        y = self.rows(group, y, style)
        for side in self.sides:
            resource = side.stack.resources.get(group.frame, {})
            more = str(resource.get("Properties", {}).get("CidrBlock", ""))
            kind = "band" if depth else "group"
            self.frames.insert(slot, Frame(side.at(inset, width), top, width, y - top, group.title, more, kind))
            if resource:
                self.reach[side.stack.scenario.side, group.frame] = (side.edge(inset, width), top + HEAD / 2)
        return y

    def rows(self, group: Group, y: float, style: str) -> float:
        # What leads across stands in the inner column, so that no line crosses a resource.
        inner = [member for member in group.members if member in self.crossing]
        outer = [member for member in group.members if member not in self.crossing]
        while len(outer) > len(inner) + 1:
            inner.append(outer.pop())
        for at in range(max(len(inner), len(outer))):
            pair = (outer[at] if at < len(outer) else "", inner[at] if at < len(inner) else "")
            height = TALL if any(self.more(side, logical) for side in self.sides for logical in pair) else CHIP
            for side in self.sides:
                for column, logical in enumerate(pair):
                    if logical:
                        x = side.at(3 * PAD + column * (COLUMN + GAP), COLUMN)
                        self.chips.append(self.chip(side, logical, Spot(x, y, height), style))
                        reached = (x + (COLUMN if side.left else 0), y + height / 2)
                        self.reach[side.stack.scenario.side, logical] = reached
            y += height + GAP
        return y + PAD - GAP

    def chip(self, side: Half, logical: str, spot: Spot, style: str) -> Chip:
        resource = side.stack.resources.get(logical)
        if resource:
            name = side.stack.evaluator.references.ref(logical)
            title = f"{resource['Type']} {name if isinstance(name, str) and '{{' not in name else ''}".strip()
            return Chip(*spot, logical, self.more(side, logical), title, style)
        if (side.stack.scenario.side, logical) in self.replicas:
            return Chip(*spot, logical, self.more(side, logical), f"the replica of {logical}", "replica")
        return Chip(*spot, "", "", f"{logical} is in the other region alone", "missing")

    def more(self, side: Half, logical: str) -> str:
        if (side.stack.scenario.side, logical) in self.replicas:
            return "replica"
        properties: Mapping[str, Any] = side.stack.resources.get(logical, {}).get("Properties", {})
        shown = (properties.get("CidrBlock"), properties.get("AvailabilityZone"))
        return " · ".join(str(text) for text in shown if text) if shown[0] else ""
