"""The ids that AWS makes up, where resources use them: what takes one, what is one, which keys go by an alias.

Source: of each type, its row in the table ids of `stackproof.aws.data`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from stackproof.aws.data import rows
from stackproof.evaluation.resource import once_of_alike
from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.topology.texts import of_functions, texts_of_resource

KEY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TAKES_A_KEY = re.compile("kms|key(id|arn)?$", re.IGNORECASE)
MAYBE = re.compile(r"\b[a-z]+-[0-9a-f]{8,40}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-")
EXAMPLE = re.compile(r"\w+-(0+|0123456789abcdef\w|1a2b3c4d|12345678|abcd1234\w*|1234567890abcdef0)|[0-]+|CHANGE-ME")
"""Ids that guides and `init` use as examples stand for one that is not filled in yet."""
OF_ANOTHER_REGION = ("VPCRegion", "PeerRegion", "PeerVpcId", "PeerTransitGatewayId", "VPCs")
"""Properties beside or below which an id may be of the other region."""
NO_USE = ("Tags", "Environment", "Description", "Metadata")
TELLS = ("AWS::SSM::Parameter", "AWS::SecretsManager::Secret")
"""Where an id is only passed on."""
Texts = tuple[tuple[Path, str], ...]


def last_key(path: Path) -> str:
    if isinstance(path[-1], str):
        return path[-1]
    return next(str(step) for step in reversed(path) if isinstance(step, str))


@cache
def places() -> Mapping[str, str]:
    """Return the properties that take an id, each with its service, and the type whose id it is."""
    return {place: kind for kind, listed in rows("ids").items() for row in listed for place in row.get("taken_by", ())}


def taken_ids(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give the texts of properties that take an id: where they stand, the type whose id they take, the text."""
    for logical, resource in stack.resources.items():
        kind = str(resource["Type"])
        service = kind.split("::")[1] if kind.startswith("AWS::") else ""
        if service in _services():
            for path, text in _taken(resource, logical, service):
                yield path, places()[f"{service}.{last_key(path)}"], text


@cache
def _services() -> frozenset[str]:
    return frozenset(place.partition(".")[0] for place in places())


@once_of_alike
def _taken(resource: Mapping[str, Any], logical: str, service: str) -> Texts:
    """Return the texts of a resource that stand where an id is due."""
    keys = _keys(service)
    return tuple((path, text) for path, text in texts_of_resource(resource, logical) if last_key(path) in keys)


@cache
def _keys(service: str) -> frozenset[str]:
    return frozenset(place.partition(".")[2] for place in places() if place.startswith(f"{service}."))


def ids_in_both(first: Stack, second: Stack) -> Iterator[tuple[Path, str]]:
    """Give the ids of one region alone that a template has and both stacks use, with their paths in the second.

    Ids that scenarios hand over often stand for what is not known yet.
    """
    if _may_have_ids(first.template) or _may_have_ids(second.template):
        there = {text for _, text in _used(first)}
        written = first.template.text + second.template.text
        yield from ((path, text) for path, text in _used(second) if text in there and text in written)


@memoised
def _may_have_ids(template: Document) -> bool:
    return MAYBE.search(template.text) is not None


def _used(stack: Stack) -> Iterator[tuple[Path, str]]:
    for logical, resource in stack.resources.items():
        if resource["Type"] not in TELLS:
            yield from _regional(resource, logical)


@once_of_alike
def _regional(resource: Mapping[str, Any], logical: str) -> Texts:
    """Return the ids in a resource that are of one region, each with its path."""
    found = texts_of_resource(resource, logical)
    return tuple((path, text) for path, text in found if _of_one_region(path, text) and not EXAMPLE.fullmatch(text))


def _of_one_region(path: Path, text: str) -> bool:
    if any(key in path for key in (*OF_ANOTHER_REGION, *NO_USE)):
        return False
    by_key = TAKES_A_KEY.search(last_key(path)) and KEY_ID.fullmatch(text)
    return _forms().fullmatch(text) is not None or bool(by_key)


@cache
def _forms() -> re.Pattern[str]:
    return re.compile("|".join(row["form"] for listed in rows("ids").values() for row in listed if "regional" in row))


def named_keys(stack: Stack) -> Iterator[tuple[Path, str]]:
    """Give the aliases by which resources name keys, each with its path."""
    for logical, resource in stack.resources.items():
        if resource["Type"] != "AWS::KMS::Alias":
            yield from _aliases(resource, logical)


@once_of_alike
def _aliases(resource: Mapping[str, Any], logical: str) -> Texts:
    found = texts_of_resource(resource, logical)
    return tuple((path, text) for path, text in found if text.startswith("alias/") and _of_one_key(text))


def _of_one_key(alias: str) -> bool:
    return "*" not in alias and not of_functions(alias)
