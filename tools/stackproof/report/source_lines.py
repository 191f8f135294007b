"""Where in a file a value that begins at some place ends, and the lines around it."""

from __future__ import annotations

import json
from pathlib import Path as FilePath

from stackproof.foundation.finding import Place


def lines_of(path: str) -> tuple[str, ...]:
    """Return the lines of a file, without their ends; none of a file that cannot be read."""
    try:
        return tuple(FilePath(path).read_bytes().decode("utf-8", "replace").split("\n"))
    except OSError:
        return ()


def end(place: Place) -> Place:
    """Return where the value that begins at a place ends: just behind a value of JSON, else at the end of its line."""
    lines = lines_of(place.path)
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


def text_of(place: Place) -> str:
    """Return the text of the value that begins at a place."""
    lines, last = lines_of(place.path)[place.line - 1 : end(place).line], end(place)
    if not lines:
        return ""
    lines = (*lines[:-1], lines[-1][: last.column - 1])
    return "\n".join((lines[0][place.column - 1 :], *lines[1:]))


def around(place: Place, more: int = 3) -> list[tuple[int, str, bool]]:
    """Return the lines around a value, some before and some after it: number, text, and whether it stands there."""
    lines = lines_of(place.path)
    last = min(end(place).line, place.line + 2 * more)
    numbers = range(max(1, place.line - more), min(len(lines), last + more) + 1)
    return [(number, lines[number - 1], place.line <= number <= last) for number in numbers]
