"""An outcome in each of the formats that reports have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stackproof import junit, report, sarif
from stackproof.annotations import as_annotations
from stackproof.gate import Outcome
from stackproof.paint import coloured

COLOURED = "coloured text"
AS: Mapping[str, Callable[[Outcome], str]] = {
    "text": report.as_text,
    "json": report.as_json,
    "sarif": sarif.as_sarif,
    "junit": junit.as_junit,
    "github": as_annotations,
}


def rendered(name: str, outcome: Outcome) -> str:
    """Return an outcome in one of the formats, or as text with the colours of a terminal."""
    return report.as_text(outcome, coloured) if name == COLOURED else AS[name](outcome)
