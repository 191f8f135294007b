"""What pyflakes says of a function's code: names undefined, unused, defined twice."""

from __future__ import annotations

from functools import cache

from pyflakes.checker import Checker

from stackproof.code.inline import parsed


@cache
def complaints(text: str) -> tuple[tuple[int, str], ...]:
    """Return line and message of each complaint about a code, in lower case; raise SyntaxError where it is none."""
    found = sorted(Checker(parsed(text)).messages, key=lambda message: (message.lineno, message.col))
    return tuple((message.lineno, str(message.message % message.message_args)) for message in found)
