"""ARNs: wildcards as IAM matches them, and where the part of a resource begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

BEFORE_PARTS: Mapping[str, str] = {
    "ecr": "",
    "events": "",
    "iam": "",
    "lambda": ":",
    "logs": ":",
    "sns": ":",
    "sqs": "",
    "ssm": "",
}
"""What parts the ARN of a resource from that of a part of it (a version, a log stream), by service; of others ":" or
"/". In services of which names may hold a slash, as those of log groups may, what goes on behind one is another name.

Source: Service Authorization Reference, "Resource types defined by ..." of each service.
"""
UNSTATED: Mapping[str, tuple[str, str]] = {
    "AWS::KMS::Alias": ("kms", ""),
    "AWS::SSM::Parameter": ("ssm", "parameter/"),
}
"""Types that have an ARN, though not as an attribute: their service, and what stands before the name.

Source: Service Authorization Reference, "Resource types defined by AWS Key Management Service", "... by AWS Systems
Manager" (a parameter's leading slash is not written twice).
"""
MANY = 65_536
"""Pairs of patterns and texts of which it is remembered whether one covers the other: stacks have most in common."""


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """Return an expression for a pattern with `?`; one with `*` alone is matched in less time than one is made."""
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.S)


@lru_cache(MANY)
def covers(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Tell whether a pattern of IAM (`*` any text, `?` any character) covers a text, or all that another pattern does.

    Source: IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
    """
    if fold:
        pattern, text = pattern.lower(), text.lower()
    if pattern in (text, "*"):
        return True
    if "?" in pattern:
        return _glob(pattern).fullmatch(text) is not None
    first, *others = pattern.split("*")
    if not others or not text.startswith(first):
        return False
    at, last = len(first), others.pop()
    for part in others:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(last) and text.endswith(last)


@cache
def overlap(first: str, second: str) -> bool:
    """Tell whether some text is covered by two patterns at once; what is no pattern covers itself."""
    if covers(first, second) or covers(second, first):
        return True
    # At which places of the other pattern one can be, after each of its characters; a `*` may stay where it is.
    places = _onward({0}, second)
    for character in first:
        if character == "*":
            places = set(range(min(places), len(second) + 1))
        else:
            both = {at for at in places if at < len(second) and _alike(character, second[at])}
            stay = {at for at in places if at < len(second) and second[at] == "*"}
            places = _onward({at + 1 for at in both - stay} | stay, second)
        if not places:
            return False
    return len(second) in places


def _alike(first: str, second: str) -> bool:
    return first == second or "?" in (first, second)


def _onward(places: set[int], pattern: str) -> set[int]:
    """Add the places behind a `*`, which may cover nothing."""
    found: set[int] = set()
    for at in places:
        stars = len(pattern[at:]) - len(pattern[at:].lstrip("*"))
        found |= set(range(at, at + stars + 1))
    return found
