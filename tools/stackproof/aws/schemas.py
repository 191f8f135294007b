"""The schemas of resource types that cfn-lint ships, read as files: importing it for them would cost 0.4 s."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from stackproof.aws.regions import shipped
from stackproof.foundation.finding import Path


@cache
def _files(region: str) -> Mapping[str, str]:
    """Return the name of the file of every type that a region has."""
    found: Mapping[str, str] = json.loads(shipped("cfnlint", f"data/schemas/providers/{region}.json"))
    return found


@cache
def schema(kind: str, region: str = "us-east-1") -> Mapping[str, Any]:
    """Return the schema of a resource type in a region, an empty one if there is none."""
    if kind not in _files(region):
        return {}
    found: Mapping[str, Any] = json.loads(shipped("cfnlint", f"data/schemas/resources/{_files(region)[kind]}.json"))
    return found


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
