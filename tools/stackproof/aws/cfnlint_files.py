"""The files of cfn-lint that are read here, all of them: the one module that knows how it lays them out.

Importing cfn-lint for them would cost 0.4 s, so JSON is read as files and literals are read from the source's text.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from stackproof.aws.shipped import misplaced, shipped
from stackproof.foundation.finding import CannotTell

PACKAGE, DISTRIBUTION, TRIED = "cfnlint", "cfn-lint", "1.58.0"
UNREADABLE = (OSError, KeyError, ValueError, SyntaxError, TypeError, AttributeError)
"""What the reading of files ends in when they are elsewhere or laid out anew."""


@cache
def schema_files(region: str) -> Mapping[str, str]:
    """Return the name of the schema's file of every type that a region has. Source: data/schemas/providers."""
    try:
        found: Mapping[str, str] = json.loads(shipped(PACKAGE, f"data/schemas/providers/{region}.json"))
        if not found["AWS::S3::Bucket"]:
            raise ValueError(region)
    except UNREADABLE:
        raise _misplaced(f"the resource types of {region}") from None
    return found


def schema_of(kind: str, file: str) -> Mapping[str, Any]:
    """Return the schema of a type from its file. Source: data/schemas/resources."""
    try:
        found: Mapping[str, Any] = json.loads(shipped(PACKAGE, f"data/schemas/resources/{file}.json"))
        if found["typeName"] != kind or not isinstance(found["properties"], dict):
            raise ValueError(kind)
    except UNREADABLE:
        raise _misplaced("its schemas") from None
    return found


@cache
def zones_by_region() -> Mapping[str, Sequence[str]]:
    """Return the availability zones of the regions. Source: helpers.py, AVAILABILITY_ZONES."""
    try:
        found = re.search(r"^AVAILABILITY_ZONES = (\{.*?^\})", shipped(PACKAGE, "helpers.py"), re.M | re.S)
        zones: Mapping[str, Sequence[str]] = ast.literal_eval(found[1] if found else "")
    except UNREADABLE:
        raise _misplaced("the availability zones") from None
    return zones


@cache
def gettable_properties() -> tuple[frozenset[str], Mapping[str, list[str]]]:
    """Return the types of which every property can be got, and of others those that can. Source: schema/_getatts.py."""
    wanted = ("_all_property_types", "_exceptions")
    try:
        tree = ast.parse(shipped(PACKAGE, "schema/_getatts.py"))
        found = {
            ast.unparse(node.targets[0]): ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in wanted
        }
        return frozenset(found[wanted[0]]), found[wanted[1]]
    except UNREADABLE:
        raise _misplaced("the properties that Fn::GetAtt can get") from None


@cache
def runtimes() -> Mapping[str, Mapping[str, str | None]]:
    """Return what is known of Lambda's runtimes. Source: data/AdditionalSpecs/LmbdRuntimeLifecycle.json."""
    try:
        found: Mapping[str, Mapping[str, str | None]] = json.loads(
            shipped(PACKAGE, "data/AdditionalSpecs/LmbdRuntimeLifecycle.json")
        )
        if "deprecated" not in found["python3.9"]:
            raise ValueError
    except UNREADABLE:
        raise _misplaced("the runtimes of Lambda") from None
    return found


@cache
def stateful_types() -> frozenset[str]:
    """Return the types that hold what is not in a template. Source: data/AdditionalSpecs/StatefulResources.json."""
    try:
        found = json.loads(shipped(PACKAGE, "data/AdditionalSpecs/StatefulResources.json"))["ResourceTypes"]
        if "AWS::DynamoDB::Table" not in found:
            raise ValueError
    except UNREADABLE:
        raise _misplaced("the types that hold data") from None
    return frozenset(found)


def _misplaced(what: str) -> CannotTell:
    return misplaced(DISTRIBUTION, what, TRIED)
