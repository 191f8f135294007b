"""What is wrong with a value by a JSON schema, of which it knows the keywords that the schemas of this package use.

Source: https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from stackproof.foundation.finding import Path

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
WORDS = {"object": "a table", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number"}
WORDS |= {"boolean": "true or false"}


class Problem(NamedTuple):
    """What is wrong, at which keys, and what to write instead."""

    path: Path
    message: str
    fix: str


def problems(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], path: Path = ()) -> Iterator[Problem]:
    """Give what is wrong with a value; `whole` is the schema that holds the definitions."""
    if "$ref" in schema:
        schema = {**whole["$defs"][schema["$ref"].rpartition("/")[2]], **schema}
    name = ".".join(map(str, path)) or "it"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is_of(value, type_name) for type_name in types):
        expected = " or ".join(WORDS[type_name] for type_name in types)
        yield Problem(path, f"{name} must be {expected}", f"write {expected}")
        return
    if value not in schema.get("enum", [value]):
        known = ", ".join(map(str, schema["enum"]))
        yield Problem(path, f"{name} is {value!r}, not one of {known}", f"write one of {known}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield Problem(path, f"{name} is {value!r}, which does not match {schema['pattern']}", "correct the value")
    if isinstance(value, dict):
        yield from _members(value, schema, whole, path)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from problems(item, schema["items"], whole, (*path, index))


def _is_of(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _members(
    value: Mapping[str, Any], schema: Mapping[str, Any], whole: Mapping[str, Any], path: Path
) -> Iterator[Problem]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for key, item in value.items():
        if key in known:
            yield from problems(item, known[key], whole, (*path, key))
        elif others is False:
            near = get_close_matches(key, known, 1)
            fix = f"write {near[0]}" if near else f"use one of {', '.join(known)}"
            yield Problem((*path, key), f"unknown key {key!r}", fix)
        elif isinstance(others, dict):
            yield from problems(item, others, whole, (*path, key))
    for key in schema.get("required", []):
        if key not in value:
            name = ".".join(map(str, path)) or "it"
            yield Problem(path, f"{name} has no {key}", f"add {key}")
