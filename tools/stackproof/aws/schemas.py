"""The schemas of resource types, as cfn-lint ships them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from stackproof.aws.cfnlint_files import schema_files, schema_of
from stackproof.foundation.finding import Path


@cache
def schema(kind: str, region: str = "us-east-1") -> Mapping[str, Any]:
    """Return the schema of a resource type in a region, an empty one if there is none."""
    file = schema_files(region).get(kind)
    return schema_of(kind, file) if file else {}


def subschema(kind: str, path: Path) -> Mapping[str, Any]:
    """Return what the schema of a type says of the value at a path below its Properties."""
    whole = schema(kind)
    here: Mapping[str, Any] = whole
    for key in path:
        here = _referred(whole, here)
        here = here.get("items", {}) if isinstance(key, int) else here.get("properties", {}).get(key, {})
    return _referred(whole, here)


def _referred(whole: Mapping[str, Any], here: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in here:
        name = str(here["$ref"]).rpartition("/")[2]
        here = whole.get("definitions", {}).get(name, {})
    return here
