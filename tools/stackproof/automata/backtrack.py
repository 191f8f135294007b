"""The `regex` module: which characters have a Unicode property, and matching of what no automaton carries."""

from __future__ import annotations

from functools import cache

import regex

from stackproof.automata.charset import LAST, Charset

PATIENCE = 0.5
"""Seconds that one match may take: a pattern can be written so that it takes years."""


ASCII_LAST = 0x7F


@cache
def _characters(last: int) -> str:
    return "".join(map(chr, range(last + 1)))


@cache
def property_ranges(name: str, last: int = LAST) -> Charset | None:
    """Return the characters, to `last`, of a Unicode property such as Lu or Script=Latin; None if there is none.

    Characters that a newer Unicode than Java's has assigned are among them. All of them take tenths of a second.
    """
    try:
        compiled = regex.compile(rf"\p{{{name}}}+")
    except regex.error:
        return None
    found = (match.span() for match in compiled.finditer(_characters(last)))
    return tuple((first, end - 1) for first, end in found)


@cache
def compiles(pattern: str) -> bool:
    """Tell whether the module can read a pattern."""
    try:
        regex.compile(pattern, regex.ASCII)
    except (regex.error, OverflowError, RecursionError):
        return False
    return True


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches a whole text; raise TimeoutError if that takes longer than PATIENCE."""
    return regex.compile(pattern, regex.ASCII).fullmatch(text, timeout=PATIENCE) is not None
