"""Values as CloudFormation reads them: one or a list, numbers and truths written as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any

from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.placeholders import holds_unknown


def as_list(value: Any) -> list[Any]:
    """Return a value that may stand alone or in a list as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def properties_path(logical: str, *more: str | int) -> Path:
    """Return the path of a resource's properties, or of what stands in them."""
    return ("Resources", logical, "Properties", *more)


def values_at(value: Any, dotted: str) -> Iterator[tuple[Path, Any]]:
    """Give the values at a dotted path (`Targets.*.Arn`, `Rules.0`), each with its path; `*` is each item of a list or
    mapping, and what stands alone where a list may stand is its one item."""
    return _below(value, dotted.split(".") if dotted else [], ())


def _below(value: Any, keys: Sequence[str], path: Path) -> Iterator[tuple[Path, Any]]:
    if not keys:
        yield path, value
    elif keys[0] == "*":
        inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        for key, item in inner:
            yield from _below(item, keys[1:], (*path, key))
        if isinstance(value, str):
            yield from _below(value, keys[1:], path)
    elif isinstance(value, Mapping) and keys[0] in value:
        yield from _below(value[keys[0]], keys[1:], (*path, keys[0]))
    elif isinstance(value, list) and keys[0].isdigit() and int(keys[0]) < len(value):
        yield from _below(value[int(keys[0])], keys[1:], (*path, int(keys[0])))


def number(properties: Mapping[str, Any], name: str, otherwise: float) -> float:
    """Return a numeric property, also where it is written as text.

    What only AWS knows is `nan`, which is neither less nor more than any bound: write `kept < LEAST`, never
    `not kept >= LEAST`, and put what may be `nan` first in `min` and `max`. Raises CannotTell for any other text.
    """
    value = properties.get(name, otherwise)
    if isinstance(value, str) and holds_unknown(value):
        return nan
    try:
        return float(value)
    except (TypeError, ValueError):
        raise CannotTell(f"{name} is {value!r:.80}, which is no number", fix=f"set {name} to a number") from None


def written(value: float) -> str:
    """Return a number as people write it: 1209600, 0.5; never 1.2096e+06."""
    return str(int(value)) if float(value).is_integer() else f"{value:.10g}"


def is_true(value: Any) -> bool:
    """Tell whether a value is true as CloudFormation reads it, which takes "true" as well."""
    return str(value).lower() == "true"


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping that stands as one or as JSON in a text; {} for whatever else, and what only AWS knows."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}
