"""What leads from one region to the other: every name and ARN of one stack that the other stack creates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stackproof.aws.data import facts
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path, Side
from stackproof.topology.resource_index import resources_of
from stackproof.topology.texts import arns_in, texts_of, words_in

MENTION = "mention"
KINDS: Mapping[str, Mapping[str, str]] = facts("resource_types", "leads")
"""What a property of a type that leads to the other region does; all else only mentions what is there."""
BY_REGION: Mapping[str, Mapping[str, str]] = facts("resource_types", "leads_by_region")
"""What leads to the other region by its name alone, and the type of what it finds there: "" is a part of its own."""


class Crossing(NamedTuple):
    """A resource of the stack of `side` that leads to one that the other stack creates; `path` is the first text."""

    side: Side
    logical: str
    other: str
    kind: str
    path: Path


def crossings(deployment: Deployment) -> tuple[Crossing, ...]:
    """Return what leads across, each pair of resources and kind once, in the order of the template."""
    found: dict[tuple[str, ...], Crossing] = {}
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for crossing in (*_by_name(stack, other), *_by_region(stack, other), *_by_block(stack, other)):
            found.setdefault((crossing.side, crossing.logical, crossing.other, crossing.kind), crossing)
    return tuple(found.values())


def _by_name(stack: Stack, other: Stack) -> Iterator[Crossing]:
    for path, text in texts_of(stack):
        if path[0] == "Resources":
            for word in (*arns_in(text), *(whole for whole, _ in words_in(text))):
                theirs = resources_of(other, word)
                if theirs and not resources_of(stack, word):
                    yield from (_crossing(stack, path, logical) for logical in theirs)


def _by_region(stack: Stack, other: Stack) -> Iterator[Crossing]:
    for path, text in texts_of(stack):
        if text != other.scenario.region or path[0] != "Resources" or len(path) < 4:
            continue
        wanted = BY_REGION.get(stack.resources[str(path[1])]["Type"], {}).get(str(path[3]))
        if wanted == "" and path[-1] == "Region":
            yield _crossing(stack, path, str(path[1]))
        elif wanted:
            yield from (_crossing(stack, path, logical) for logical, _ in other.of_type(wanted))


def _by_block(stack: Stack, other: Stack) -> Iterator[Crossing]:
    """Give what leads to a block of the other stack's network: a block names nothing by itself, but only one has it."""
    own, theirs = _blocks(stack), _blocks(other)
    for path, text in texts_of(stack):
        if text in theirs and text not in own and path[0] == "Resources":
            yield _crossing(stack, path, theirs[text])


def _blocks(stack: Stack) -> Mapping[str, str]:
    networks = stack.of_type("AWS::EC2::Subnet", "AWS::EC2::VPC")
    return {str(properties["CidrBlock"]): logical for logical, properties in networks if "CidrBlock" in properties}


def _crossing(stack: Stack, path: Path, other: str) -> Crossing:
    logical = str(path[1])
    first = str(path[3]) if len(path) > 3 else ""
    kind = KINDS.get(stack.resources[logical]["Type"], {}).get(first, MENTION)
    return Crossing(stack.scenario.side, logical, other, kind, path)
