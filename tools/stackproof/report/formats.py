"""The formats of reports, one entry each, and which report goes where: one is printed, others are written to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple, cast

from stackproof.foundation.finding import CannotTell

if TYPE_CHECKING:
    from stackproof.gate.outcome import Outcome

NAME = "{name}"


class Format(NamedTuple):
    """What renders an outcome: a module of this package and a function in it, imported when it is used.

    `several` tells whether several reports can stand one after the other in one file or on one stream. `offered` is
    False of what the command line chooses by itself.
    """

    module: str
    function: str
    several: bool = False
    offered: bool = True


BASELINE = "baseline"
TEXT_FORMS = {
    (False, False): "text",
    (False, True): "coloured text",
    (True, False): "verbose text",
    (True, True): "verbose coloured text",
}
"""The forms of the text: whether all is told, and whether in the colours of a terminal."""
FORMATS: Mapping[str, Format] = {
    "text": Format("text", "as_text", several=True),
    "json": Format("text", "as_json"),
    "sarif": Format("sarif", "as_sarif"),
    "junit": Format("junit", "as_junit"),
    "github": Format("github", "as_annotations", several=True),
    "coloured text": Format("text", "as_coloured_text", several=True, offered=False),
    "verbose text": Format("text", "as_verbose_text", several=True, offered=False),
    "verbose coloured text": Format("text", "as_verbose_coloured_text", several=True, offered=False),
    BASELINE: Format("text", "as_baseline", offered=False),
}
"""Every format by its name, the first one the default. To add one is to add its entry."""
OFFERED = tuple(name for name, form in FORMATS.items() if form.offered)


def rendered(name: str, outcome: Outcome) -> str:
    """Return an outcome in one of the formats."""
    form = FORMATS[name]
    render = getattr(import_module(f"stackproof.report.{form.module}"), form.function)
    return cast(Callable[["Outcome"], str], render)(outcome)


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
        if colon and name.isalpha() and len(name) > 1 and name not in OFFERED:  # of one letter: a drive
            raise CannotTell(f"there is no format {name!r}", fix=f"write one of {', '.join(OFFERED)} before the colon")
        if not colon or name not in OFFERED:
            name, path, shown = printed, output, None
        if not path:
            raise CannotTell(f"--output {output!r} names no file", fix=f"write --output {name}:FILE")
        _add(files, path, name)
    return Destinations(shown, files)


def of_each(templates: Sequence[str], where: Destinations) -> list[Destinations]:
    """Return where the reports of each template go: {name} in a file's name stands for the template's."""
    if len(templates) > 1 and where.printed and not FORMATS[where.printed].several:
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
