"""What of the findings is reported: what is not left out, suppressed, known already, or of too little severity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from stackproof.foundation.finding import Severity, as_bad_as
from stackproof.gate import baseline, suppressions
from stackproof.gate.baseline import Compared, Entry
from stackproof.gate.choice import Choice
from stackproof.gate.outcome import Outcome, in_order
from stackproof.gate.suppressions import Suppression


@dataclass(frozen=True)
class Reporting:
    """What limits a report: see `Inputs` of the gate. `idle` are rules that are not run, or None where no
    suppression is to be told of no use, `known` the findings of a baseline.

    Suppressions apply whatever else happens; beside errors it cannot be told whether one is of use.
    """

    choice: Choice | None
    stated: tuple[Suppression, ...]
    idle: frozenset[str] | None
    today: date
    least: Severity
    baseline: str = ""
    known: Mapping[Entry, int] | None = None

    def of(self, outcome: Outcome) -> Outcome:
        """Return an outcome with the findings that are reported, and notes of what is not."""
        findings = outcome.findings
        if choice := self.choice:
            findings = tuple(choice.graded(finding) for finding in findings if not choice.leaves_out(finding))
        idle = None if outcome.errors else self.idle
        findings, suppressed = suppressions.apply(findings, self.stated, self.today, idle)
        notes: list[str] = []
        if self.known is not None:
            compared = baseline.compared(findings, self.known)
            findings = compared.new
            notes += self._notes(compared, complete=not outcome.errors)
        shown = tuple(finding for finding in findings if as_bad_as(finding.severity, self.least))
        if len(shown) < len(findings):
            notes.append(f"findings of less than severity {self.least}, not reported: {len(findings) - len(shown)}")
        return replace(outcome, findings=in_order(shown), suppressed=suppressed, notes=(*outcome.notes, *notes))

    def _notes(self, compared: Compared, *, complete: bool) -> Iterator[str]:
        if compared.known:
            yield f"{self.baseline}: known findings, not reported: {compared.known}"
        for entry in compared.gone if complete else ():
            what = f"{entry.rule} at {entry.at}: {entry.message}" if entry.at else f"{entry.rule}: {entry.message}"
            yield f"{self.baseline}: no longer found: {what}; fix: write it again with --write-baseline"
