"""Where in a text that was checked a value that begins at some place ends, and the lines around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from stackproof.foundation.finding import Place
from stackproof.foundation.memo import memoised


@dataclass(frozen=True, eq=False)
class Sources:
    """The texts that were checked, by their paths. Of a file that is not among them no line is known."""

    texts: Mapping[str, str]

    def end(self, place: Place) -> Place:
        """Return where the value that begins at a place ends: just behind a value of JSON, else at its line's end."""
        return _end(self, place)

    def text_of(self, place: Place) -> str:
        """Return the text of the value that begins at a place."""
        last = self.end(place)
        lines = _lines(self, place.path)[place.line - 1 : last.line]
        if not lines:
            return ""
        lines = (*lines[:-1], lines[-1][: last.column - 1])
        return "\n".join((lines[0][place.column - 1 :], *lines[1:]))

    def around(self, place: Place, more: int = 3) -> list[tuple[int, str, bool]]:
        """Return the lines around a value, some before and after it: number, text, and whether it stands there."""
        lines = _lines(self, place.path)
        last = min(self.end(place).line, place.line + 2 * more)
        numbers = range(max(1, place.line - more), min(len(lines), last + more) + 1)
        return [(number, lines[number - 1], place.line <= number <= last) for number in numbers]


@memoised
def _lines(sources: Sources, path: str) -> tuple[str, ...]:
    """Return the lines of a text, without their ends."""
    text = sources.texts.get(path)
    return () if text is None else tuple(text.split("\n"))


@memoised
def _end(sources: Sources, place: Place) -> Place:
    lines = _lines(sources, place.path)
    if not 0 < place.line <= len(lines):
        return place
    try:
        text = "\n".join((lines[place.line - 1][place.column - 1 :], *lines[place.line :]))
        value, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        length, value = 0, None
    if length == 0 or (isinstance(value, int | float | bool | None) and not place.path.endswith(".json")):
        last = lines[place.line - 1].rstrip()
        return Place(place.path, place.line, max(len(last), place.column) + 1)
    covered = text[:length].split("\n")
    column = len(covered[-1]) + (place.column if len(covered) == 1 else 1)
    return Place(place.path, place.line + len(covered) - 1, column)
