"""How much longer the names of a template's resources could be before AWS refuses them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stackproof.aws.data import facts
from stackproof.aws.references import FORMATS
from stackproof.aws.schemas import subschema
from stackproof.evaluation.deployment import Deployment

LIMITS: Mapping[str, int] = facts("resource_types", "longest_name")
"""How long names may be where the schema of the type does not say so, or counts an ARN in."""


class Headroom(NamedTuple):
    """The longest name that a resource is given, in which deployment, and the most that AWS takes."""

    logical: str
    kind: str
    name: str
    deployment: str
    limit: int

    @property
    def left(self) -> int:
        return self.limit - len(self.name)


def headroom(deployments: Sequence[Deployment]) -> list[Headroom]:
    """Return the named resources whose limit is known, those with the least left first."""
    longest: dict[str, Headroom] = {}
    for deployment in deployments:
        for stack in deployment.stacks:
            for logical, resource in stack.resources.items():
                kind = resource["Type"]
                stated = FORMATS[kind].name if kind in FORMATS else ""
                name = str(resource.get("Properties", {}).get(stated, "")) if stated else ""
                limit = limit_of(kind, stated) if name and "{{" not in name else 0
                if limit and (logical not in longest or len(name) > len(longest[logical].name)):
                    longest[logical] = Headroom(logical, kind, name, deployment.name, limit)
    return sorted(longest.values(), key=lambda row: (row.left, row.logical))


def limit_of(kind: str, name: str) -> int:
    """Return how long a name may be, 0 where that is not known."""
    schema = subschema(kind, (name,))
    counted = re.search(r"\{\d+,(\d+)\}\)?(?:\$|\\Z)$", str(schema.get("pattern", "")))
    return LIMITS.get(kind) or int(schema.get("maxLength") or (counted.group(1) if counted else 0))
