"""Which attributes Fn::GetAtt can get of the types of resources, as cfn-lint ships them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from stackproof.aws.references import FORMATS, Format
from stackproof.aws.regions import shipped
from stackproof.aws.schemas import schema, subschema
from stackproof.foundation.finding import CannotTell

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
    every, some = _tables()
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


@cache
def _tables() -> tuple[frozenset[str], Mapping[str, list[str]]]:
    """Return the types of which every property can be got, and of others the properties that can.

    As with availability zones, literals are read from the text, since importing it would cost 0.4 s.
    Source: cfn-lint's schema/_getatts.py.
    """
    try:
        tree = ast.parse(shipped("cfnlint", "schema/_getatts.py"))
        found: dict[str, Any] = {
            ast.unparse(node.targets[0]): ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("_all_property_types", "_exceptions")
        }
        return frozenset(found["_all_property_types"]), found["_exceptions"]
    except (OSError, KeyError, ValueError, SyntaxError):
        raise CannotTell("which properties Fn::GetAtt can get is not known", fix="install cfn-lint 1.58") from None
