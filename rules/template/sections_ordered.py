"""Sections, and the keys of every resource, stand in one order.

Whoever reads a template of a thousand lines finds things where they always are: what it is, what it takes, what it
decides, what it makes, what it gives; of a resource what it is, whether and after what it is made, why, and how it
ends, before what it is set to.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
pack: house
setting: sections: the sections of a template in their order
setting: keys: the keys of a resource in their order
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from stackproof.api import SECTIONS, Deployment, Finding, Path

APPLIES_TO = ("Resources",)
KEYS = (
    "Type",
    "Condition",
    "DependsOn",
    "Metadata",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "CreationPolicy",
    "UpdatePolicy",
    "Properties",
)


class Settings(NamedTuple):
    sections: tuple[str, ...] = tuple(SECTIONS)
    keys: tuple[str, ...] = KEYS


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    value = deployment.source.template.value
    members: list[tuple[Path, Mapping[str, Any], Sequence[str]]] = [((), value, settings.sections)]
    members += [(("Resources", logical), resource, settings.keys) for logical, resource in value["Resources"].items()]
    for path, member, order in members:
        ranks = [(order.index(key), key) for key in member if key in order]
        for (rank, key), (following, after) in pairwise(ranks):
            if following < rank:
                of = f" of {path[-1]}" if path else ""
                yield deployment.finding(
                    deployment.source, (*path, after), f"{after}{of} stands after {key}", f"move {after} before {key}"
                )
                break
