"""Which reports go where: one is printed, others are written to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from stackproof.foundation.finding import CannotTell

FORMATS = ("text", "json", "sarif", "junit", "github")
OF_LINES = ("text", "github")
"""The formats of which several can stand one after the other."""
NAME = "{name}"


class Destinations(NamedTuple):
    """The format to print, None for none, and the files to write, each with its format."""

    printed: str | None
    files: dict[str, str]


def destinations(printed: str, outputs: Sequence[str]) -> Destinations:
    """Return where the reports of one template go.

    An output is FORMAT:FILE, or FILE alone, which takes the place of what would be printed.
    """
    files: dict[str, str] = {}
    shown: str | None = printed
    for output in outputs:
        name, colon, path = output.partition(":")
        if colon and name.isalpha() and len(name) > 1 and name not in FORMATS:  # of one letter: a drive
            raise CannotTell(f"there is no format {name!r}", fix=f"write one of {', '.join(FORMATS)} before the colon")
        if not colon or name not in FORMATS:
            name, path, shown = printed, output, None
        if not path:
            raise CannotTell(f"--output {output!r} names no file", fix=f"write --output {name}:FILE")
        _add(files, path, name)
    return Destinations(shown, files)


def of_each(templates: Sequence[str], where: Destinations) -> list[Destinations]:
    """Return where the reports of each template go: {name} in a file's name stands for the template's."""
    if len(templates) > 1 and where.printed and where.printed not in OF_LINES:
        text = f"{where.printed} holds one report, and there are {len(templates)} templates"
        raise CannotTell(text, fix=f"write --output {where.printed}:{NAME}.{where.printed}")
    seen: dict[str, str] = {}
    found = []
    for template in templates:
        stem = PurePath(template).stem
        files = {path.replace(NAME, stem): name for path, name in where.files.items()}
        for path, name in files.items():
            _add(seen, path, name)
        found.append(Destinations(where.printed, files))
    return found


def _add(files: dict[str, str], path: str, name: str) -> None:
    if path in files:
        raise CannotTell(f"two reports would be written to {path}", fix=f"give each a file, with {NAME} in its name")
    files[path] = name
