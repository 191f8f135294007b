"""Sets of characters, as sorted ranges of code points that neither touch nor overlap."""

from __future__ import annotations

from collections.abc import Iterable

LAST = 0x10FFFF
Charset = tuple[tuple[int, int], ...]
"""Inclusive ranges (first, last)."""

ALL: Charset = ((0, LAST),)
NONE: Charset = ()


def charset(ranges: Iterable[tuple[int, int]]) -> Charset:
    """Return ranges of any order as a set of characters."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def chars(text: str) -> Charset:
    """Return the set of the characters of a text."""
    return charset((ord(char), ord(char)) for char in text)


def union(*sets: Charset) -> Charset:
    return charset(interval for found in sets for interval in found)


def complement(taken: Charset) -> Charset:
    found, next_free = [], 0
    for first, last in taken:
        if first > next_free:
            found.append((next_free, first - 1))
        next_free = last + 1
    if next_free <= LAST:
        found.append((next_free, LAST))
    return tuple(found)


def intersection(left: Charset, right: Charset) -> Charset:
    found = []
    for first, last in left:
        for lower, upper in right:
            if lower > last:
                break
            if upper >= first:
                found.append((max(first, lower), min(last, upper)))
    return tuple(found)


def difference(left: Charset, right: Charset) -> Charset:
    return intersection(left, complement(right))
