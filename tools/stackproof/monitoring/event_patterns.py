"""Whether an event matches an event pattern of EventBridge."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}
MISSING = object()


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Tell whether an event matches; raise ValueError for a pattern that EventBridge refuses or that is not known here.

    Source: Amazon EventBridge User Guide, "Creating Amazon EventBridge event patterns", "Comparison operators".
    """
    for key, wanted in pattern.items():
        if key == "$or":
            if not isinstance(wanted, list) or not all(isinstance(alternative, dict) for alternative in wanted):
                raise ValueError("$or takes a list of patterns")
            if not any([matches(alternative, event) for alternative in wanted]):
                return False
        elif isinstance(wanted, dict):
            inner = event.get(key, {})
            if not matches(wanted, inner if isinstance(inner, dict) else {}):
                return False
        elif isinstance(wanted, list):
            member = event.get(key, MISSING)
            values = member if isinstance(member, list) else [member]
            if not any([_matches(matcher, value) for matcher in wanted for value in values or [MISSING]]):
                return False
        else:
            raise ValueError(f"{key} must be a list of what matches")
    return True


def _matches(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return value is not MISSING and type(wanted) is type(value) and bool(wanted == value)
    if len(wanted) != 1:
        raise ValueError(f"{wanted} must have one operator")
    ((name, argument),) = wanted.items()
    match name:
        case "exists":
            return (value is not MISSING) is bool(argument)
        case "prefix" | "suffix":
            folded = isinstance(argument, dict)
            text = argument["equals-ignore-case"].lower() if folded else argument
            compared = value.lower() if folded and isinstance(value, str) else value
            if not isinstance(compared, str):
                return False
            return compared.startswith(text) if name == "prefix" else compared.endswith(text)
        case "equals-ignore-case":
            return isinstance(value, str) and value.lower() == argument.lower()
        case "wildcard":
            pattern = ".*".join(re.escape(part) for part in argument.split("*"))
            return isinstance(value, str) and re.fullmatch(pattern, value, re.S) is not None
        case "anything-but":
            several = argument if isinstance(argument, list) else [argument]
            return value is not MISSING and not any([_matches(matcher, value) for matcher in several])
        case "numeric":
            return _numeric(argument, value)
    raise ValueError(f"the operator {name} is not known")


def _numeric(argument: Any, value: Any) -> bool:
    if not isinstance(argument, list) or len(argument) % 2 or not set(argument[::2]) <= set(COMPARISONS):
        raise ValueError(f"numeric takes pairs of comparison and number, not {argument}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return all(COMPARISONS[sign](value, bound) for sign, bound in zip(argument[::2], argument[1::2], strict=True))
