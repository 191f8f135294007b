"""Values that stand in a scenario for something real: documentation's names, accounts and ids, which nobody deploys."""

from __future__ import annotations

import re

EXAMPLES = (
    # RFC 2606, "Reserved Top Level DNS Names": nobody has them.
    re.compile(r"(^|[.@])(example\.(com|net|org)|(example|invalid|test|localhost))\.?$", re.I),
    # AWS Style: accounts in AWS's documentation, and of one digit.
    re.compile(r"^((\d)\2{11}|123456789012|012345678901|111122223333|444455556666)$"),
    # Ids in AWS's documentation, and those that count up.
    re.compile(r"EXAMPLE|0a1b2c3d|1234567890abcdef|Z?0123456789ABCDEF"),
)


def is_example(value: str) -> bool:
    """Tell whether a value is one that documentation shows, and so none that a stack can do anything with."""
    return any(shape.search(value) for shape in EXAMPLES)
