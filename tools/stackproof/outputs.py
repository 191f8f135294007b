"""Which reports of an outcome go where: one is printed, others are written to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stackproof import junit, report, sarif
from stackproof.annotations import as_annotations
from stackproof.finding import CannotTell
from stackproof.gate import Outcome

AS: Mapping[str, Callable[[Outcome], str]] = {
    "text": report.as_text,
    "json": report.as_json,
    "sarif": sarif.as_sarif,
    "junit": junit.as_junit,
    "github": as_annotations,
}


def rendered(name: str, outcome: Outcome) -> str:
    """Return an outcome in one of the formats."""
    return AS[name](outcome)


def destinations(printed: str, outputs: Sequence[str]) -> tuple[str | None, dict[str, str]]:
    """Return the format to print, None for none, and the files to write, each with its format.

    An output is FORMAT:FILE, or FILE alone, which takes the place of what would be printed.
    """
    files: dict[str, str] = {}
    shown: str | None = printed
    for output in outputs:
        name, colon, path = output.partition(":")
        if not colon or name not in AS:
            name, path, shown = printed, output, None
        if not path:
            raise CannotTell(f"--output {output!r} names no file", fix=f"write --output {name}:FILE")
        if path in files:
            raise CannotTell(f"two reports would be written to {path}", fix="give each a file of its own")
        files[path] = name
    return shown, files
