"""Two stacks as a picture: what each region holds, drawn mirrored, and what leads across."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.finding import Finding, Side
from stackproof.page.arrows import Lead, arrows
from stackproof.page.canvas import GAP, MARGIN, PAD, REGION, TOP, WIDTH, Canvas, Frame, Node, Picture
from stackproof.page.grouping import groups, shown_by
from stackproof.topology.cross_region import Crossing, crossings


def picture(deployment: Deployment, findings: Sequence[Finding] = ()) -> Picture:
    """Return the picture of two stacks: the source at the left, the target at the right, what leads across between.

    What is found in this deployment is counted at the resource that shows it.
    """
    across = crossings(deployment)
    ends = {end for crossing in across for end in _ends(deployment, crossing)}
    canvas = Canvas(deployment, frozenset(logical for _, logical in ends), frozenset(_replicas(deployment, across)))
    y: float = TOP
    for number, group in enumerate(groups(deployment)):
        y = canvas.group(group, y, 0, f"g{number % 7}") + GAP
    for side in canvas.sides:
        scenario = side.stack.scenario
        title = f"{scenario.side}: {scenario.region}"
        more = f"{len(side.stack.resources)} resources"
        canvas.frames.insert(0, Frame(side.at(0, REGION), MARGIN, REGION, y + PAD - MARGIN, title, more, "region"))
    lines = arrows([_lead(deployment, canvas, crossing) for crossing in across])
    broken = Counter(node for finding in findings for node in _found_at(deployment, finding))
    frames = [frame._replace(broken=broken[_side(frame.x), frame.title]) for frame in canvas.frames]
    chips = [chip._replace(broken=broken[_side(chip.x), chip.text]) for chip in canvas.chips]
    return Picture(WIDTH, y + PAD + MARGIN, frames, chips, lines)


def _side(x: float) -> Side:
    return "source" if x < WIDTH / 2 else "target"


def _found_at(deployment: Deployment, finding: Finding) -> Iterator[Node]:
    """Give what shows the resource that a finding is about, on each side that it is found on."""
    if finding.scenario not in (deployment.name, "") or finding.at[:1] != ("Resources",):
        return
    for stack in deployment.stacks:
        shown = shown_by(stack).get(str(finding.at[1])) if len(finding.at) > 1 else None
        if shown and finding.side in (stack.scenario.side, "both"):
            yield stack.scenario.side, shown


def _replicas(deployment: Deployment, across: Sequence[Crossing]) -> Iterator[Node]:
    """Give what a stack does not create, but the other one puts there."""
    for crossing in across:
        there = deployment.target if crossing.side == "source" else deployment.source
        if crossing.logical == crossing.other and crossing.other not in there.resources:
            yield there.scenario.side, crossing.other


def _ends(deployment: Deployment, crossing: Crossing) -> tuple[Node, Node]:
    """Return the resources that an arrow is drawn between: what shows those that it leads from and to."""
    stack = deployment.source if crossing.side == "source" else deployment.target
    other = deployment.other(stack)
    begin = shown_by(stack)[crossing.logical]
    return (crossing.side, begin), (other.scenario.side, shown_by(other).get(crossing.other, crossing.other))


def _lead(deployment: Deployment, canvas: Canvas, crossing: Crossing) -> Lead:
    begin, end = _ends(deployment, crossing)
    ids = f"{crossing.side}:{crossing.logical}", f"{end[0]}:{crossing.other}"
    title = f"{crossing.kind}: {crossing.logical} ({crossing.side}) to {crossing.other} ({end[0]})"
    return Lead(crossing.kind, ids, title, (begin, end), (canvas.reach[begin], canvas.reach[end]))
