"""Values as CloudFormation reads them: one or a list, numbers and truths written as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.foundation.finding import Path


def as_list(value: Any) -> list[Any]:
    """Return a value that may stand alone or in a list as a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def properties_path(logical: str, *more: str | int) -> Path:
    """Return the path of a resource's properties, or of what stands in them."""
    return ("Resources", logical, "Properties", *more)


def number(properties: Mapping[str, Any], name: str, otherwise: float) -> float:
    """Return a numeric property, also where it is written as text; raise ValueError for what is no number."""
    return float(properties.get(name, otherwise))


def is_true(value: Any) -> bool:
    """Tell whether a value is true as CloudFormation reads it, which takes "true" as well."""
    return str(value).lower() == "true"
