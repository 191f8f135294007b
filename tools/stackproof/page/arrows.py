"""What leads across as lines between two regions, each labelled where no line passes.

Beside each region is a strip in which every line is level, at the height of the resource that it begins or ends at:
rows stand further apart than a label is high, so there is room above and below. Lines cross between the strips alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stackproof.page.canvas import MARGIN, REGION, STRIP, WIDTH, Arrow, Node, Point
from stackproof.topology.cross_region import MENTION

BACKWARDS = ("subscription", "restore test")
"""What flows towards the end that refers to the other."""
LEFT, RIGHT = MARGIN + REGION, WIDTH - MARGIN - REGION
SPREAD = 4.0
"""How far above and below the middle of a resource its lines begin and end."""
HIGH, CLEAR = 12.0, 3.0
"""How high a label is, and how far it stands from lines and other labels."""


class Lead(NamedTuple):
    """What leads from one resource to another: its kind, what each end is called, and where it is drawn."""

    kind: str
    ids: tuple[str, str]
    title: str
    ends: tuple[Node, Node]
    points: tuple[Point, Point]


def arrows(leads: Sequence[Lead]) -> list[Arrow]:
    """Return the lines of what leads across, with one label for those of a kind that share an end."""
    leads = _apart(leads)
    labels = _labels(leads)
    return [
        Arrow(*lead.ids, lead.kind, _line(*lead.points), lead.title, *spot, lead.kind in BACKWARDS, label)
        for lead, (label, spot) in zip(leads, labels, strict=True)
    ]


def _apart(leads: Sequence[Lead]) -> list[Lead]:
    """Let the lines of a resource begin and end beside each other, in the order in which they come from above."""
    at: dict[Node, list[tuple[float, int, int]]] = defaultdict(list)
    for number, lead in enumerate(leads):
        for end in (0, 1):
            at[lead.ends[end]].append((lead.points[1 - end][1], number, end))
    moved = [list(lead.points) for lead in leads]
    for lines in at.values():
        for place, (_, number, end) in enumerate(sorted(lines)):
            x, y = moved[number][end]
            moved[number][end] = (x, y + (SPREAD * (2 * place / (len(lines) - 1) - 1) if len(lines) > 1 else 0))
    return [lead._replace(points=(begin, end)) for lead, (begin, end) in zip(leads, moved, strict=True)]


def _line(begin: Point, end: Point) -> str:
    """Return a line that is level in both strips, as SVG's path."""
    (x1, y1), (x2, y2) = begin, end
    inner = (LEFT + STRIP, RIGHT - STRIP) if x1 < x2 else (RIGHT - STRIP, LEFT + STRIP)
    middle = WIDTH / 2
    return f"M{x1:g} {y1:g}H{inner[0]:g}C{middle:g} {y1:g} {middle:g} {y2:g} {inner[1]:g} {y2:g}H{x2:g}"


def _labels(leads: Sequence[Lead]) -> Iterator[tuple[str, Point]]:
    """Give the label of each line and its middle: "" where the kind is told already, or where there is no room."""
    levels: dict[bool, list[float]] = {True: [], False: []}
    for lead in leads:
        for x, y in lead.points:
            levels[_is_left(x)].append(y)
    taken: dict[bool, list[float]] = {True: [], False: []}
    named: set[tuple[str, Node]] = set()
    for lead in leads:
        found = None
        if lead.kind != MENTION and not {(lead.kind, node) for node in lead.ends} & named:
            found = next(_room(lead, leads, levels, taken), None)
        if found:
            named.update((lead.kind, node) for node in lead.ends)
            taken[_is_left(found[0])].append(found[1])
        yield (lead.kind, found) if found else ("", (0.0, 0.0))


def _room(
    lead: Lead, leads: Sequence[Lead], levels: dict[bool, list[float]], taken: dict[bool, list[float]]
) -> Iterator[Point]:
    """Give where its label could stand: first at the end where fewer lines are, above them before below."""
    busy = [sum(node in other.ends for other in leads) for node in lead.ends]
    for end in sorted((0, 1), key=lambda end: busy[end]):
        left = _is_left(lead.points[end][0])
        own = [point[1] for other in leads for point, node in zip(other.points, other.ends, strict=True)
               if node == lead.ends[end]]  # fmt: skip
        for y in (min(own) - CLEAR - HIGH / 2, max(own) + CLEAR + HIGH / 2):
            free = all(abs(level - y) >= CLEAR + HIGH / 2 for level in levels[left])
            if free and all(abs(label - y) >= CLEAR + HIGH for label in taken[left]):
                yield LEFT + STRIP / 2 if left else RIGHT - STRIP / 2, y


def _is_left(x: float) -> bool:
    return x < WIDTH / 2
