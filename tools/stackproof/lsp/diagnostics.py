"""What the gate found, as an editor shows it: by file, with the value's range, and the text that would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from stackproof.foundation.finding import SEVERITIES, CannotTell, Finding, Place
from stackproof.gate.outcome import Outcome
from stackproof.lsp.positions import Position, position
from stackproof.report.autofix import replacement_text
from stackproof.report.source_lines import Sources
from stackproof.report.text import grouped, said_where

CANNOT_TELL = "cannot-tell"


class Diagnostic(NamedTuple):
    """A finding or an error; `severity` counts from 1 (error) to 3 (information), as the protocol does.

    `replacement` is the text to write over the range where only one is right, `fix` what to do in words.
    """

    start: Position
    end: Position
    severity: int
    code: str
    message: str
    fix: str = ""
    replacement: str | None = None


def diagnostics(outcome: Outcome) -> Mapping[str, tuple[Diagnostic, ...]]:
    """Return what was found by the path of its file; a file without anything is there as well, with nothing.

    What stands in no file that was read is put at the template's beginning.
    """
    found: dict[str, list[Diagnostic]] = {path: [] for path in outcome.texts}
    sources = Sources(outcome.texts)
    for group in grouped(outcome.findings):
        finding = group[0]
        where = said_where(group)
        message = f"{finding.message} [{where}]" if where else finding.message
        _add(found, outcome, sources, finding.place, _of(finding, message, replacement_text(finding, sources)))
    for error in outcome.errors:
        _add(found, outcome, sources, error.place, _of_error(error))
    return {path: tuple(held) for path, held in found.items()}


def _add(
    found: dict[str, list[Diagnostic]], outcome: Outcome, sources: Sources, place: Place | None, what: Diagnostic
) -> None:
    if place is None or place.path not in outcome.texts:
        what = what._replace(message=f"{place}: {what.message}" if place else what.message, replacement=None)
        place = Place(outcome.path, 1, 1)
    text = outcome.texts.get(place.path, "")
    start, end = position(text, place), position(text, sources.end(place))
    found.setdefault(place.path, []).append(what._replace(start=start, end=end))


NOWHERE = Position(0, 0)


def _of(finding: Finding, message: str, replacement: str | None) -> Diagnostic:
    severity = SEVERITIES.index(finding.severity) + 1
    return Diagnostic(NOWHERE, NOWHERE, severity, finding.rule, message, finding.fix, replacement)


def _of_error(error: CannotTell) -> Diagnostic:
    return Diagnostic(NOWHERE, NOWHERE, 1, CANNOT_TELL, f"cannot tell: {error.message}", error.fix)
