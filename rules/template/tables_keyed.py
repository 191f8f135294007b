"""The keys of every table and index are defined, each with a type, and nothing else is.

A key has one attribute that parts and at most one that sorts; DynamoDB refuses a table whose definitions lack a key's
attribute or hold one that is no key, and no key can be changed afterwards without a new table. An index says what it
holds beside its keys.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, properties_path

APPLIES_TO = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
SHAPES = (["HASH"], ["HASH", "RANGE"])
Fault = tuple[Path, str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            for path, message, fix in (*of_keys(properties), *of_definitions(properties)):
                yield stack.finding(properties_path(logical, *path), f"{logical} {message}", fix)


def keys(table: Mapping[str, Any]) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """Give what has a key: the table and each index, with its path and how it is called."""
    yield (), "its key", table
    for kind in INDEXES:
        for index, index_entry in enumerate(table.get(kind, [])):
            yield (kind, index), f"the key of {index_entry.get('IndexName', 'an index without a name')}", index_entry


def of_keys(table: Mapping[str, Any]) -> Iterator[Fault]:
    defined = {definition.get("AttributeName") for definition in table.get("AttributeDefinitions", [])}
    for path, what, holder in keys(table):
        schema = holder.get("KeySchema", [])
        if [key.get("KeyType") for key in schema] not in SHAPES:
            shown = ", ".join(f"{key.get('AttributeName')} {key.get('KeyType')}" for key in schema) or "nothing"
            yield path, f"has {shown} as {what}", "name one HASH attribute, and after it at most one RANGE"
        for index, key in enumerate(schema):
            if key.get("AttributeName") not in defined:
                message = f"has {key.get('AttributeName')} in {what}, which AttributeDefinitions do not hold"
                yield (*path, "KeySchema", index), message, "define it, or name one that is defined"
        if path and not holder.get("Projection", {}).get("ProjectionType"):
            yield path, f"does not say what {holder.get('IndexName')} holds", "set Projection.ProjectionType"
        projection = holder.get("Projection", {})
        if (projection.get("ProjectionType") == "INCLUDE") != bool(projection.get("NonKeyAttributes")):
            message = (
                f"has {holder.get('IndexName')} of {projection.get('ProjectionType')}, and INCLUDE alone names what"
            )
            yield (*path, "Projection"), message, "name attributes in NonKeyAttributes with INCLUDE, else none"


def of_definitions(table: Mapping[str, Any]) -> Iterator[Fault]:
    used = {key.get("AttributeName") for _, _, holder in keys(table) for key in holder.get("KeySchema", [])}
    seen = set()
    for index, definition in enumerate(table.get("AttributeDefinitions", [])):
        name, path = definition.get("AttributeName"), ("AttributeDefinitions", index)
        if name not in used:
            yield path, f"defines {name}, which is in no key", "define key attributes only"
        if name in seen:
            yield path, f"defines {name} twice", "define it once"
        if definition.get("AttributeType") not in ("S", "N", "B"):
            yield path, f"defines {name} without a type", "set AttributeType to S, N or B"
        seen.add(name)
