"""Policies of what is needed: statements, as few as say the same, in documents as large as IAM takes them.

Actions on the same resources under the same conditions share a statement. What does not fit is widened, service by
service, the largest first and each only as far as it takes. AWS counts a policy's characters without white space.
Source: IAM User Guide, "IAM and AWS STS quotas": 6,144 characters a managed policy, 10 managed policies a role, 10,240
characters in all inline policies of a role.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from stackproof.permissions.required import Conditions, Required
from stackproof.permissions.widening import Width, anywhere, joined, widest, without_covered

LARGEST, MOST, INLINE = 6_144, 10, 10_240
VERSION = "2012-10-17"
LONGEST_PARTITION = "aws-us-gov"


class Statement(NamedTuple):
    """What a policy allows: actions on resources where condition keys equal one of their values."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()

    def stated(self) -> dict[str, Any]:
        """Return the statement as a policy has it."""
        stated: dict[str, Any] = {"Effect": "Allow", "Action": _few(self.actions), "Resource": _few(self.resources)}
        if self.conditions:
            stated["Condition"] = {"StringEquals": {key: _few(values) for key, values in self.conditions}}
        return stated

    def size(self) -> int:
        return _size(self)


class Widened(NamedTuple):
    """A service whose resources are covered by wider patterns than their ARNs, and how wide they are."""

    service: str
    width: Width


class Policies(NamedTuple):
    """Documents that together allow what is needed, and what was widened for them to fit."""

    documents: tuple[tuple[Statement, ...], ...]
    widened: tuple[Widened, ...]

    def stated(self) -> list[dict[str, Any]]:
        return [document(statements) for statements in self.documents]

    def fit(self) -> bool:
        """Tell whether one role can have them all, as managed policies."""
        return len(self.documents) <= MOST


def _few(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else [*values]


@cache
def _size(statement: Statement) -> int:
    plain = json.dumps(statement.stated(), separators=(",", ":")).replace("arn:aws:", f"arn:{LONGEST_PARTITION}:")
    return len("".join(plain.split())) + 1


def document(statements: Iterable[Statement]) -> dict[str, Any]:
    return {"Version": VERSION, "Statement": [statement.stated() for statement in statements]}


def size(statements: Iterable[Statement]) -> int:
    """Return the characters of a document that AWS counts, with the longest partition's name."""
    return len(json.dumps(document(()), separators=(",", ":"))) + sum(statement.size() for statement in statements)


def policies(needed: Sequence[Required], least: Width = Width.EXACT) -> Policies:
    """Return the narrowest policies of at least a width that a role can have; what does not fit at the widest is kept
    as it is, and `fit` tells."""
    services = sorted({need.action.partition(":")[0] for need in needed})
    widths = dict.fromkeys(services, least)
    statements = [*merged(needed, widths)]
    documents = packed(statements)
    for width in (width for width in Width if width > least):
        sizes: Counter[str] = Counter()
        for statement in statements:
            sizes[statement.actions[0].partition(":")[0]] += statement.size()
        for service, _ in sizes.most_common():
            if len(documents) <= MOST:
                break
            widths[service] = width
            statements = [*merged(needed, widths)]
            documents = packed(statements)
    wide = tuple(Widened(service, width) for service, width in widths.items() if width > Width.EXACT)
    return Policies(documents, wide)


def merged(needed: Iterable[Required], widths: Mapping[str, Width]) -> Iterator[Statement]:
    """Give statements for what is needed: of each service those on its resources, and one on `*` for all services."""
    on: dict[tuple[str, Conditions], tuple[str, ...]] = {}
    for (action, conditions), arns in covering(needed, widths).items():
        on[action, conditions] = arns
    shared: dict[tuple[str, tuple[str, ...], Conditions], list[str]] = {}
    for (action, conditions), arns in on.items():
        service = "" if arns == ("*",) else action.partition(":")[0]
        shared.setdefault((service, arns, conditions), []).append(action)
    for (_, arns, conditions), actions in sorted(shared.items()):
        yield Statement(tuple(sorted(actions)), arns, conditions)


def covering(needed: Iterable[Required], widths: Mapping[str, Width]) -> dict[tuple[str, Conditions], tuple[str, ...]]:
    """Return what covers the resources of each action, with its conditions, at the width of its service."""
    found: dict[tuple[str, Conditions], dict[str, dict[str, None]]] = {}
    for need in sorted(needed):
        of = found.setdefault((need.action, need.conditions), {})
        of.setdefault(need.reason.logical, {})[need.resource] = None
    return {key: _wide(of, widths.get(key[0].partition(":")[0], Width.EXACT)) for key, of in found.items()}


def _wide(by_resource: Mapping[str, Iterable[str]], width: Width) -> tuple[str, ...]:
    arns = [arn for some in by_resource.values() for arn in some]
    if width == Width.REGIONS:
        arns = [arn for some in by_resource.values() for arn in joined(map(anywhere, some))]
    elif width == Width.NAMES:
        arns = joined(map(anywhere, arns))
    elif width == Width.KIND:
        arns = widest(arns)
    return without_covered(arns)


def packed(statements: Sequence[Statement]) -> tuple[tuple[Statement, ...], ...]:
    """Return statements in documents of managed policies: each into the first that has room, the largest first."""
    documents: list[list[Statement]] = []
    room: list[int] = []
    parts = [part for statement in statements for part in _parts(statement)]
    for part in sorted(parts, key=lambda part: (-part.size(), part)):
        at = next((index for index, left in enumerate(room) if part.size() <= left), len(documents))
        if at == len(documents):
            documents.append([])
            room.append(LARGEST - size(()))
        documents[at].append(part)
        room[at] -= part.size()
    return tuple(tuple(sorted(document)) for document in documents)


def _parts(statement: Statement) -> Iterator[Statement]:
    """Give a statement that fits into a policy, or the parts of one that does not: half its resources each."""
    if statement.size() <= LARGEST - size(()) or len(statement.resources) == len(statement.actions) == 1:
        yield statement
    elif len("".join(statement.resources)) >= len("".join(statement.actions)) and len(statement.resources) > 1:
        half = len(statement.resources) // 2
        yield from _parts(statement._replace(resources=statement.resources[:half]))
        yield from _parts(statement._replace(resources=statement.resources[half:]))
    else:
        half = len(statement.actions) // 2
        yield from _parts(statement._replace(actions=statement.actions[:half]))
        yield from _parts(statement._replace(actions=statement.actions[half:]))
