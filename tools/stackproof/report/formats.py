"""An outcome in each of the formats that reports have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stackproof.foundation.colour import coloured
from stackproof.gate.gate import Outcome
from stackproof.report import junit, sarif, text
from stackproof.report.github import as_annotations

COLOURED = "coloured text"
AS: Mapping[str, Callable[[Outcome], str]] = {
    "text": text.as_text,
    "json": text.as_json,
    "sarif": sarif.as_sarif,
    "junit": junit.as_junit,
    "github": as_annotations,
}


def rendered(name: str, outcome: Outcome) -> str:
    """Return an outcome in one of the formats, or as text with the colours of a terminal."""
    return text.as_text(outcome, coloured) if name == COLOURED else AS[name](outcome)
