"""Colours of a terminal, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Paint = Callable[[str, str], str]
"""Takes what a text is and the text; returns how it is shown."""

# Of the eight colours that every terminal has and every user can choose.
STYLES: Mapping[str, str] = {
    "place": "1",
    "rule": "36",
    "fix": "32",
    "kept": "32",
    "broken": "31",
    "doubt": "33",
    "soft": "2",
}


def plain(_style: str, text: str) -> str:
    return text


def coloured(style: str, text: str) -> str:
    """Source: ECMA-48, "Select Graphic Rendition"."""
    return f"\033[{STYLES[style]}m{text}\033[0m" if text else text
