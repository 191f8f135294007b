"""The files of botocore that are read here, all of them: the one module that knows how it lays them out.

Importing botocore for them would cost 0.2 s, and a whole model of a service up to 0.1 s, so only its head is unpacked.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from stackproof.aws.shipped import folder, misplaced, shipped
from stackproof.foundation.finding import CannotTell

PACKAGE, TRIED = "botocore", "1.44.8"
HEAD = 4096
"""Bytes of a model, unpacked, that hold all of its metadata."""
UNREADABLE = (OSError, EOFError, KeyError, ValueError, TypeError, IndexError)


@cache
def partition_table() -> Sequence[Mapping[str, Any]]:
    """Return the partitions with their regions and outputs. Source: data/partitions.json."""
    try:
        found: Sequence[Mapping[str, Any]] = json.loads(shipped(PACKAGE, "data/partitions.json"))["partitions"]
        if not all({"id", "outputs", "regions"} <= partition.keys() for partition in found):
            raise ValueError
    except UNREADABLE:
        raise _misplaced("the partitions") from None
    return found


@cache
def signing_names(client: str) -> tuple[str, ...]:
    """Return the names that a client of boto3 signs and calls by; none if there is no such client.

    Source: data/<client>/<version>/service-2.json.gz, "metadata".
    """
    model = _model(client)
    if model is None:
        return ()
    try:
        with gzip.open(model) as opened:
            head = opened.read(HEAD).decode("utf-8", "replace")
        start = re.search(r'"metadata"\s*:\s*', head)
        metadata = json.JSONDecoder().raw_decode(head, start.end() if start else len(head))[0]
        return tuple(str(metadata[key]) for key in ("signingName", "endpointPrefix") if key in metadata)
    except UNREADABLE:
        raise _misplaced(f"the metadata of {client}") from None


@cache
def clients() -> tuple[str, ...]:
    """Return the names of boto3's clients. Source: the folders of data/."""
    try:
        found = tuple(sorted(entry.name for entry in (folder(PACKAGE) / "data").iterdir() if entry.is_dir()))
    except OSError:
        raise _misplaced("the models of services") from None
    return found


@cache
def operations(client: str) -> frozenset[str]:
    """Return the operations of a client of boto3, as AWS spells them. Source: the same model, "operations"."""
    return frozenset(inputs(client)[0])


Shapes = Mapping[str, Mapping[str, Any]]


@cache
def inputs(client: str) -> tuple[Mapping[str, str], Shapes]:
    """Return the name of the input of each operation of a client ("" for none), and the client's shapes by name.

    Source: the same model, "operations" and "shapes".
    """
    return _ends(client, "input")


@cache
def outputs(client: str) -> tuple[Mapping[str, str], Shapes]:
    """Return the name of the output of each operation of a client ("" for none), and the client's shapes by name."""
    return _ends(client, "output")


def _ends(client: str, end: str) -> tuple[Mapping[str, str], Shapes]:
    try:
        read = described(client)
        named = {name: str(operation.get(end, {}).get("shape", "")) for name, operation in read["operations"].items()}
        shapes: Shapes = read["shapes"]
        if not all(not name or "members" in shapes[name] for name in named.values()):
            raise ValueError
    except UNREADABLE:
        raise _misplaced(f"the operations of {client}") from None
    return named, shapes


@cache
def described(client: str) -> Mapping[str, Any]:
    """Return a client's model, of no operations where there is no such client."""
    model = _model(client)
    if model is None:
        return {"operations": {}, "shapes": {}}
    with gzip.open(model) as opened:
        read: Mapping[str, Any] = json.load(opened)
    return read


def _model(client: str) -> Path | None:
    """Return the newest model of a client."""
    if not re.fullmatch(r"[a-z0-9-]+", client):
        return None
    try:
        if not (folder(PACKAGE) / "data" / "s3").is_dir():
            raise OSError
        found = sorted((folder(PACKAGE) / "data" / client).glob("*/service-2.json.gz"))
    except OSError:
        raise _misplaced("the models of services") from None
    return found[-1] if found else None


def _misplaced(what: str) -> CannotTell:
    return misplaced(PACKAGE, what, TRIED)
