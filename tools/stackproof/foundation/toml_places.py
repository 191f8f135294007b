"""Where the keys of a text of TOML stand, which `tomllib` does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from stackproof.foundation.finding import Path, Place

KEY = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
DOTTED = rf"{KEY}(?:\s*\.\s*{KEY})*"
HEADER = re.compile(rf"\s*(\[\[?)\s*({DOTTED})\s*\]")
ENTRY = re.compile(rf"\s*({DOTTED})\s*=")
QUOTES = re.compile(r'"""|' + r"'''")


def place(text: str, path: str, keys: Path) -> Place:
    """Return where the value at `keys` begins, or what holds it; line 1 where none of it is in the text."""
    lines = text.split("\n")
    best, where = 0, (1, 1)
    for at, line, column in _entries(lines):
        same = len([*takewhile(lambda pair: pair[0] == pair[1], zip(at, keys, strict=False))])
        if same > best and (same == len(at) or same == len(keys)):
            best, where = same, (line, column)
    for key in keys[best:]:
        found = re.search(rf"""(?<![\w-])["']?{re.escape(str(key))}["']?\s*=""", lines[where[0] - 1][where[1] :])
        if found:
            where = where[0], where[1] + found.start() + 1
    return Place(path, *where)


def _entries(lines: Sequence[str]) -> Iterator[tuple[Path, int, int]]:
    """Give the path of every table and key, with its line and column; tables of a list are counted."""
    table: Path = ()
    counts: dict[Path, int] = {}
    inside = False
    for number, line in enumerate(lines, 1):
        if not inside and (header := HEADER.match(line)):
            table = _keys(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
            table = _counted(table, counts)
            yield table, number, header.start(2) + 1
        elif not inside and (entry := ENTRY.match(line)):
            yield (*table, *_keys(entry[1])), number, entry.start(1) + 1
        inside ^= len(QUOTES.findall(line)) % 2 == 1


def _counted(table: Path, counts: dict[Path, int]) -> Path:
    """Return the path of a table with its place in each list of tables on the way."""
    found: list[str | int] = []
    for index, key in enumerate(table):
        found.append(key)
        if table[: index + 1] in counts:
            found.append(counts[table[: index + 1]])
    return tuple(found)


def _keys(dotted: str) -> Path:
    return tuple(key.strip("\"'") for key in re.findall(KEY, dotted))
