"""Which attributes Fn::GetAtt can get of the types of resources, as cfn-lint ships them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from stackproof.aws.cfnlint_files import gettable_properties
from stackproof.aws.references import FORMATS, Format
from stackproof.aws.schemas import schema, subschema

WITH_OUTPUTS = ("AWS::CloudFormation::Stack", "AWS::ServiceCatalog::CloudFormationProvisionedProduct")
"""What another template's outputs are attributes of."""
OUTPUT = re.compile(r"Outputs\.[A-Za-z0-9]+")
CUSTOM = "AWS::CloudFormation::CustomResource"
MOST = 8
"""Attributes that a message names."""


@cache
def has_attribute(kind: str, name: str) -> bool:
    """Tell whether a type has an attribute: of a custom one, and of one that is not known, any.

    What the table of formats has needs no file to be read, so usually none is.
    Source: CloudFormation CLI User Guide, "Resource type schema", "readOnlyProperties".
    """
    if name in FORMATS.get(kind, Format()).attributes or kind == CUSTOM or not schema(kind):
        return True
    if kind in WITH_OUTPUTS and name.startswith("Outputs"):
        return OUTPUT.fullmatch(name) is not None
    every, some = gettable_properties()
    if kind in every:
        return _is_plain(subschema(kind, tuple(name.split("."))))
    return name in _read_only(kind) or name in some.get(kind, ())


def gettable(kind: str, meant: str) -> tuple[str, ...]:
    """Return attributes that a type has, for a message: those nearest to what was meant first."""
    known = {name for name in (*FORMATS.get(kind, Format()).attributes, *_read_only(kind)) if has_attribute(kind, name)}
    near = get_close_matches(meant, known)
    return tuple(sorted(known, key=lambda name: (name not in near, meant not in name, name.count("."), name)))[:MOST]


@cache
def _read_only(kind: str) -> frozenset[str]:
    pointers = schema(kind).get("readOnlyProperties", [])
    names = (pointer.removeprefix("/properties/").replace("/", ".") for pointer in pointers)
    return frozenset(name for name in names if "*" not in name)


def _is_plain(found: Mapping[str, Any]) -> bool:
    """Tell whether a schema is that of a text, a number, a truth, or a list of them."""
    structured = "object" in found.get("type", ()) or found.get("items", {}).get("type") in ("object", "array")
    return bool(found) and not structured
