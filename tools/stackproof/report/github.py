"""An outcome as GitHub's workflow commands, which annotate the lines of a pull request.

Source: GitHub Docs, "Workflow commands for GitHub Actions", "Setting an error message". GitHub shows ten errors a step.
"""

from __future__ import annotations

from stackproof.foundation.finding import Place
from stackproof.gate.outcome import Outcome
from stackproof.report.source_lines import Sources
from stackproof.report.text import counts, grouped, said_where

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def as_annotations(outcome: Outcome) -> str:
    """Return an annotation for each finding, its scenarios together, one for each error, and the counts."""
    return "\n".join([*of_findings(outcome), counts(outcome)])


def of_findings(outcome: Outcome) -> list[str]:
    """Return an annotation for each finding, its scenarios together, and one for each error."""
    lines = []
    sources = Sources(outcome.texts)
    for group in grouped(outcome.findings):
        first = group[0]
        where = said_where(group)
        message = f"[{where}] {first.message}" if where else first.message
        text = f"{message}\nfix: {first.fix}" if first.fix else message
        lines.append(command(COMMANDS[first.severity], sources, first.place, first.rule, text))
    for error in outcome.errors:
        text = f"{error.message}\nfix: {error.fix}" if error.fix else error.message
        lines.append(command("error", sources, error.place, "cannot tell", text))
    for note in outcome.undecided:
        lines.append(command("notice", sources, note.place, "only AWS knows", f"{note.message}\nfix: {note.fix}"))
    return lines


def command(name: str, sources: Sources, place: Place | None, title: str, message: str) -> str:
    """Return one annotation: name is error, warning or notice."""
    properties = {"title": title}
    if place:
        last = sources.end(place)
        properties |= {"file": place.path, "line": str(place.line), "endLine": str(last.line)}
        # Columns are taken of one line only.
        properties |= {"col": str(place.column), "endColumn": str(last.column)} if last.line == place.line else {}
    shown = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    return f"::{name} {shown}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Source: actions/toolkit, packages/core/src/command.ts, escapeData and escapeProperty."""
    for letter in ("%", "\r", "\n", *more):
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
