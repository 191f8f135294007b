"""What others create, as far as a template lets one tell.

A project that lists its `external` names has said of all others that its stacks create them. Where nothing is listed,
most templates use what other stacks and people made, and only a name that is all but one of the stacks' own is taken
for a typing error.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from stackproof.evaluation.deployment import Deployment
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import holds_unknown
from stackproof.topology.resource_index import created_names, stated_names

ALIKE = 0.85
"""From this ratio of common letters on, of difflib, two names are taken for one and its misspelling."""
SHORTEST = 5
"""Shorter names are like too many others."""


def others_create(deployment: Deployment, text: str) -> bool:
    """Tell whether a name or ARN may be of something that neither stack of a deployment creates."""
    if deployment.external is not None:
        return deployment.is_external(text)
    name, kind = _plain(deployment, text), _kind(text)
    return "*" in name or not any(_like(name, own) for own in _names(deployment, kind))


@memoised
def _names(deployment: Deployment, kind: str) -> frozenset[str]:
    """Return the names of what the stacks of a deployment create: of ARNs of a kind, or of all."""
    texts = [text for stack in deployment.stacks for text in (*created_names(stack), *stated_names(stack))]
    return frozenset(_plain(deployment, text) for text in texts if not holds_unknown(text) and _kind(text) == kind)


def _kind(text: str) -> str:
    """Return the service of an ARN and what its resource begins with, "" for a name; a topic's is its name alone."""
    if not text.startswith("arn:"):
        return ""
    service, _, _, resource = text.split(":", 5)[2:] if text.count(":") >= 5 else ("", "", "", "")
    parted = service != "s3" and re.search("[:/]", resource)
    return f"{service}:{re.split('[:/]', resource)[0] if parted else ''}"


def _plain(deployment: Deployment, text: str) -> str:
    """Return the last part of a name or ARN, of an object its bucket, the same for both regions."""
    name = text
    if ":s3:::" in text:
        name = text.rpartition(":")[2].partition("/")[0]
    elif text.startswith("arn:"):
        name = re.split("[:/]", text.removesuffix(":*").removesuffix("/*"))[-1]
    for stack in deployment.stacks:
        name = name.replace(stack.scenario.region, "REGION")
    return name


def _without_region(name: str) -> str:
    return re.sub("^REGION[-_./]?|[-_./]?REGION", "", name)


def _like(name: str, own: str) -> bool:
    """Tell whether a name is one of the stacks' own, or nearly: other digits make another name, a region does not."""
    if name == own or _without_region(name) == _without_region(own) != "":
        return True
    if min(len(name), len(own)) < SHORTEST or abs(len(name) - len(own)) > 2:
        return False
    if re.sub("[^0-9]", "", name) != re.sub("[^0-9]", "", own):
        return False
    return SequenceMatcher(None, name, own, autojunk=False).ratio() >= ALIKE
