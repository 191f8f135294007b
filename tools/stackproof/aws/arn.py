"""Wildcards of ARNs and actions, as IAM matches them."""

from __future__ import annotations

import re
from functools import cache


@cache
def _glob(pattern: str, fold: bool) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.S | (re.I if fold else 0))


def covers(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Tell whether a pattern of IAM (`*` any text, `?` any character) covers a text, or all that another pattern does.

    Source: IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
    """
    if pattern == text or not (fold or "*" in pattern or "?" in pattern):
        return pattern == text
    return _glob(pattern, fold).fullmatch(text) is not None
