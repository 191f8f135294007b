"""Places in a text as an editor counts them, and the value of a document that stands at one.

Source: Language Server Protocol 3.17, "Position": line and character from 0, characters in units of UTF-16.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stackproof.foundation.document import Document, Mark
from stackproof.foundation.finding import Path, Place

KEY = re.compile(r"""(?P<key>"(?:[^"\\]|\\.)*"|'[^']*'|[\w.:/-]+)\s*:\s*""")


class Position(NamedTuple):
    """A line and a character of it, both from 0; a character beyond the basic plane counts twice."""

    line: int
    character: int


def position(text: str, place: Place) -> Position:
    """Return the position of a place, which counts from 1, in characters."""
    lines = text.split("\n")
    line = min(max(place.line - 1, 0), len(lines) - 1)
    return Position(line, _units(lines[line][: place.column - 1]))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def offset(text: str, at: Position) -> int:
    """Return the offset in a text of a position; of one behind its line's end, the end."""
    lines = text.split("\n")
    if at.line >= len(lines):
        return len(text)
    line = lines[at.line].encode("utf-16-le", "surrogatepass")[: 2 * at.character]
    column = len(line.decode("utf-16-le", "ignore"))
    return sum(len(before) + 1 for before in lines[: at.line]) + column


def path_at(document: Document, at: Position) -> Path:
    """Return the path of the innermost value at a position; on a key, that of the key's value."""
    where = offset(document.text, at)
    start = document.text.rfind("\n", 0, where) + 1
    end = document.text.find("\n", where)
    line = document.text[start : len(document.text) if end < 0 else end]
    for key in KEY.finditer(line):
        if start + key.start("key") <= where < start + key.end("key"):
            where = start + key.end()
            if where >= start + len(line.rstrip()):  # a mapping or a list of YAML begins on a line below
                below = re.compile(r"\s*").match(document.text, where)
                where = below.end() if below else where
            break
    return _innermost(document.mark, where)


def _innermost(mark: Mark, where: int) -> Path:
    path: list[str | int] = []
    _, members = mark
    while members:
        pairs = members.items() if isinstance(members, dict) else enumerate(members)
        before = [(inner[0], key, inner) for key, inner in pairs if inner[0] <= where]
        if not before:
            break
        _, key, (_, members) = max(before, key=lambda member: member[0])
        path.append(key)
    return tuple(path)
