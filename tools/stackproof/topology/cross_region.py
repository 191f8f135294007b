"""What leads from one region to the other: every name and ARN of one stack that the other stack creates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stackproof.aws.data import facts
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path, Side
from stackproof.topology.identity import ARN, identities, texts_of

WORD = re.compile(r"[\w./{}@-]+")
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
        for one in (*_by_name(stack, deployment.other(stack)), *_by_region(stack, deployment.other(stack))):
            found.setdefault((one.side, one.logical, one.other, one.kind), one)
    return tuple(found.values())


def _by_name(stack: Stack, other: Stack) -> Iterator[Crossing]:
    own = identities(stack)
    theirs = {text: logical for text, logical in identities(other).items() if text not in own}
    for path, text in texts_of(stack):
        if path[0] == "Resources":
            for word in (*ARN.findall(text), *WORD.findall(ARN.sub(" ", text))):
                logical = _named(word, theirs)
                if logical:
                    yield _crossing(stack, path, logical)


def _named(word: str, known: Mapping[str, str]) -> str | None:
    """Return the resource that a word names, or that an ARN is a part of."""
    if word in known or not word.startswith("arn:"):
        return known.get(word)
    for text, logical in known.items():
        stem = text.removesuffix(":*")
        if text.startswith("arn:") and word.startswith(stem) and word[len(stem) :][:1] in ("", "/", ":"):
            return logical
    return None


def _by_region(stack: Stack, other: Stack) -> Iterator[Crossing]:
    for path, text in texts_of(stack):
        if text != other.scenario.region or path[0] != "Resources" or len(path) < 4:
            continue
        wanted = BY_REGION.get(stack.resources[str(path[1])]["Type"], {}).get(str(path[3]))
        if wanted == "" and path[-1] == "Region":
            yield _crossing(stack, path, str(path[1]))
        elif wanted:
            yield from (_crossing(stack, path, logical) for logical, _ in other.of_type(wanted))


def _crossing(stack: Stack, path: Path, other: str) -> Crossing:
    logical = str(path[1])
    first = str(path[3]) if len(path) > 3 else ""
    kind = KINDS.get(stack.resources[logical]["Type"], {}).get(first, MENTION)
    return Crossing(stack.scenario.side, logical, other, kind, path)
