"""What the methods of boto3's clients take and give: names of parameters, and of the members of replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from stackproof.aws.botocore_files import described, inputs, outputs

TABLE = Path(__file__).parent / "data/call_parameters.json"
"""What is called often, so that its models need not be unpacked; written by docs/call_parameters.py."""


class CallShape(NamedTuple):
    """The names of the parameters of a method, of those that it needs, and of the members of its reply."""

    takes: frozenset[str]
    needs: frozenset[str]
    gives: frozenset[str]


def call_shape(client: str, method: str, takes: frozenset[str], gives: frozenset[str]) -> CallShape | None:
    """Return what a method takes and gives, None if it is no operation of its client.

    The table is asked first; where it lacks a name of those that a code uses, the model that botocore ships is.
    """
    known = table().get(client, {}).get(method)
    if known and takes <= known.takes and gives <= known.gives:
        return known
    return of_model(client, method)


@cache
def table() -> Mapping[str, Mapping[str, CallShape]]:
    read = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        client: {method: CallShape(*map(frozenset, row)) for method, row in methods.items()}
        for client, methods in read.items()
    }


@cache
def of_model(client: str, method: str) -> CallShape | None:
    """Return what the model of a client says of a method, whose name is the operation's in small letters."""
    wanted = method.replace("_", "")
    name = next((operation for operation in described(client)["operations"] if operation.lower() == wanted), None)
    if name is None:
        return None
    (input_names, shapes), (returned, _) = inputs(client), outputs(client)
    members = shapes[input_names[name]]["members"] if input_names[name] else {}
    required = shapes[input_names[name]].get("required", ()) if input_names[name] else ()
    needs = (parameter for parameter in required if not members[parameter].get("idempotencyToken"))
    replies = shapes[returned[name]]["members"] if returned[name] else {}
    return CallShape(frozenset(members), frozenset(needs), frozenset(replies))
