"""The names and ARNs that CloudFormation forms for a resource, by its type.

What follows from the type's schema is derived from it: the property that names a resource is its identifier, where it
can be written and is the resource's own; Ref gives the identifier; the attributes that identify it are those which are
read-only. What the schema does not tell, the forms of ARNs above all, is a row of `data/resource_types.yaml`, the head
of which says what its texts may hold. Where a resource leaves its name to CloudFormation, {name} is its token.
Source: CloudFormation CLI User Guide, "Resource type schema", "primaryIdentifier", "readOnlyProperties".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from stackproof.aws.cfnlint_files import schema_files
from stackproof.aws.data import Row, rows
from stackproof.aws.schemas import schema

OWN = ("name", "ref", "attributes", "only_without", "attributes_with")
"""The columns of a row that tells how references are formed."""


class Format(NamedTuple):
    """How a type's references are formed: the property that names it, its Ref, and its attributes.

    What `attributes` leaves out is a token. A resource that has the property `only_without` is formed otherwise: all
    its references are tokens, but for its `attributes_with`.
    """

    name: str = ""
    ref: str = "{token}"
    attributes: Mapping[str, str] = {}
    only_without: str = ""
    attributes_with: Mapping[str, str] = {}


class Formats(Mapping[str, Format]):
    """The formats of all types that have a schema or a row, each worked out when it is asked for."""

    def __getitem__(self, kind: str) -> Format:
        found = _format(kind)
        if found is None:
            raise KeyError(kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(schema_files("us-east-1").keys() | rows("resource_types").keys())

    def __len__(self) -> int:
        return len(list(iter(self)))


FORMATS: Mapping[str, Format] = Formats()


@cache
def names_a_type(name: str) -> bool:
    """Tell whether a property, such as FunctionName, names resources of a type with a row: on any other type it names
    something else. Only those types' schemas are read that end as the property begins."""
    own = name.removesuffix("Name")
    return own not in ("", name) and any(
        FORMATS[kind].name == name
        for kind, listed in rows("resource_types").items()
        if kind.endswith(own) or any(row.get("name") == name for row in listed)
    )


@cache
def _format(kind: str) -> Format | None:
    known = schema(kind)
    row = next(
        (candidate for candidate in rows("resource_types").get(kind, ()) if any(key in candidate for key in OWN)), {}
    )
    return joined(kind, known, row) if known or row else None


def joined(kind: str, known: Mapping[str, Any], row: Row) -> Format:
    """Return the format that follows from a type's schema, but for what its row says."""
    identifier = known.get("primaryIdentifier", ())
    read_only = known.get("readOnlyProperties", ())
    own = kind.rpartition("::")[2]
    name = _own_name(own, identifier[0]) if len(identifier) == 1 and identifier[0] not in read_only else ""
    identifying = {f"/properties/{attribute}" for attribute in ("Arn", f"{own}Arn", f"{own}Id")}
    identifying |= {single[0] for single in (identifier, *known.get("additionalIdentifiers", ())) if len(single) == 1}
    tokens = {pointer.removeprefix("/properties/"): "{token}" for pointer in read_only if pointer in identifying}
    return Format(
        row.get("name", name),
        row.get("ref", "{name}" if name else "{token}"),
        {**tokens, **row.get("attributes", {})},
        row.get("only_without", ""),
        row.get("attributes_with", {}),
    )


def _own_name(own: str, identifier: str) -> str:
    """Return the property of an identifier that is a name of the resource itself, and not of what it belongs to.

    AWS::DynamoDB::GlobalTable is named by its TableName; the Bucket of an AWS::S3::BucketPolicy names another resource.
    """
    found = re.fullmatch(r"/properties/((\w*?)(?:Name|Identifier|Id))", identifier)
    return found[1] if found and own.endswith(found[2]) else ""
