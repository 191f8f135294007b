"""Whether the conditions of a statement hold for a request of which not all is known.

Sources, pages of docs.aws.amazon.com/IAM/latest/UserGuide: reference_policies_elements_condition_operators (IfExists,
negated operators hold without the key, Null), reference_policies_condition-single-vs-multi-valued-context-keys,
reference_policies_condition-logic-multiple-context-keys-or-values (values by or, of negated operators by nor).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from stackproof.aws.arn import covers
from stackproof.foundation.placeholders import holds_unknown
from stackproof.foundation.values import as_list

Context = Mapping[str, str | Sequence[str] | None]
"""What is known of a request: keys with their values, None for a key that the request does not have."""

PUBLIC = "public"
"""The value of aws:SourceIp of a request that comes from some public address."""
NEGATED = re.compile("(String|Arn|Numeric|Date)Not(.+)|Not(IpAddress)")


def _arn_covers(pattern: str, value: str) -> bool:
    """Match the six fields of an ARN one by one."""
    wanted_fields, fields = pattern.split(":", 5), value.split(":", 5)
    return len(wanted_fields) == len(fields) and all(map(covers, wanted_fields, fields))


def _in_block(block: str, address: str) -> bool:
    """Tell whether a block holds an address or, of a block, all of it; False for what is neither."""
    try:
        outer, inner = ip_network(block, strict=False), ip_network(address, strict=False)
    except ValueError:
        return False
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": covers,
    "ArnEquals": _arn_covers,
    "ArnLike": _arn_covers,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "IpAddress": _in_block,
    "NumericEquals": lambda wanted, value: float(wanted) == float(value),
    "NumericLessThan": lambda wanted, value: float(value) < float(wanted),
    "NumericLessThanEquals": lambda wanted, value: float(value) <= float(wanted),
    "NumericGreaterThan": lambda wanted, value: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, value: float(value) >= float(wanted),
}


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool | None:
    """Tell whether conditions hold in a context; None where that cannot be told."""
    known = {key.lower(): value for key, value in context.items()}
    outcome: bool | None = True
    for operator, tests in conditions.items():
        for key, wanted in tests.items():
            met = _test(operator, key.lower(), [str(text) for text in as_list(wanted)], known)
            if met is False:
                return False
            outcome = None if met is None else outcome
    return outcome


def _test(operator: str, key: str, wanted: Sequence[str], known: Context) -> bool | None:
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    negated = NEGATED.fullmatch(base)
    positive = base.replace("Not", "", 1) if negated else base
    if key not in known or (positive not in OPERATORS and base != "Null"):
        return None
    value = known[key]
    if base == "Null":
        return any((text.lower() == "true") == (value is None) for text in wanted)
    if value is None:
        if quantifier:
            return quantifier == "ForAllValues"
        return base != name or negated is not None
    values = [value] if isinstance(value, str) else list(value)
    outcomes = [_meets(positive, wanted, item, negated is not None) for item in values]
    if quantifier == "ForAnyValue":
        return True if True in outcomes else None if None in outcomes else False
    return False if False in outcomes else None if None in outcomes else True


def _meets(operator: str, wanted: Sequence[str], value: str, negated: bool) -> bool | None:
    """Tell whether a value meets one of those that are wanted, or none of them if `negated`."""
    try:
        met = any(OPERATORS[operator](text, value) for text in wanted)
    except ValueError:
        return None
    if not met and any(is_open(text, value) for text in wanted):
        return None
    return met != negated


def is_open(wanted: str, value: str) -> bool:
    """Tell whether two texts that differ may be one: what is imported or looked up, a policy variable."""
    if value == PUBLIC:
        return not _is_private(wanted)
    return "${" in wanted or any(holds_unknown(text) and _is_foreign(text) for text in (wanted, value))


def _is_private(block: str) -> bool:
    try:
        return ip_network(block, strict=False).is_private and not block.endswith("/0")
    except ValueError:
        return False


def _is_foreign(text: str) -> bool:
    """Tell whether a text holds a token that is none of a resource: each resource has one token of its own."""
    return any(token.startswith(("Fn::", "resolve:")) for token in re.findall(r"\{\{([^{}]*)", text))
