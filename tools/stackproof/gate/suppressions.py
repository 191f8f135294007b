"""Findings that someone has said not to report, with a reason: in the template or in the configuration."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, Path, Place
from stackproof.gate.configuration import Configuration

RULE = "suppression"
KEYS = {"rule", "reason", "until"}


@dataclass(frozen=True)
class Suppression:
    """One rule that is not to be reported below a path of the template, why, and until which day."""

    rule: str
    reason: str
    until: date | None
    below: Path
    place: Place

    def covers(self, finding: Finding) -> bool:
        return finding.rule == self.rule and finding.at[: len(self.below)] == self.below


@dataclass(frozen=True)
class Suppressed:
    """A finding that is not reported, and the suppression that covers it."""

    finding: Finding
    by: Suppression


def in_template(template: Document) -> Iterator[Suppression]:
    """Give the suppressions in `Metadata.stackproof.ignore` of resources; raise CannotTell for one without reason."""
    for logical, resource in template.value["Resources"].items():
        path: Path = ("Resources", logical, "Metadata", "stackproof", "ignore")
        found: Any = resource
        for key in path[2:]:
            found = found.get(key, {}) if isinstance(found, dict) else {}
        if found and not isinstance(found, list):
            raise CannotTell(f"the suppressions of {logical} are no list", template.place(path), "write a list")
        for index, entry in enumerate(found or ()):
            yield _read(entry, path[:2], template.place((*path, index)))


def configured(project: Configuration) -> Iterator[Suppression]:
    """Give the suppressions of a project: the table `ignore` of its configuration, RULE = {reason, until}."""
    for rule, entry in project.suppressed.items():
        yield _read({"rule": rule, **entry}, (), project.place("ignore", rule))


def _read(entry: Any, below: Path, place: Place) -> Suppression:
    if not isinstance(entry, dict) or not KEYS.issuperset(entry):
        fix = 'write {"rule": "RULE", "reason": "WHY", "until": "YYYY-MM-DD"}, until if it ends'
        raise CannotTell("a suppression has rule, reason and maybe until", place, fix)
    rule, reason, until = (entry.get(key) for key in ("rule", "reason", "until"))
    if not isinstance(rule, str) or not isinstance(reason, str) or not reason.strip():
        raise CannotTell(f"the suppression of {rule} gives no reason", place, "add reason: the why, as text")
    try:
        day = date.fromisoformat(str(until)) if until is not None else None
    except ValueError:
        raise CannotTell(
            f"the suppression of {rule} ends on {until!r}, which is no date", place, "write YYYY-MM-DD"
        ) from None
    return Suppression(rule, reason, day, below, place)


def renamed(suppressions: Sequence[Suppression], former: Mapping[str, str]) -> list[Suppression]:
    """Return suppressions of rules by the names that these have now; `former` gives them by the names before."""
    return [
        replace(
            suppression,
            rule=former[suppression.rule],
            reason=f"{suppression.reason}; {suppression.rule} is now named {former[suppression.rule]}",
        )
        if suppression.rule in former
        else suppression
        for suppression in suppressions
    ]


def apply(
    findings: Sequence[Finding],
    suppressions: Sequence[Suppression],
    today: date,
    idle: Collection[str] | None = (),
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """Part findings into those to report and those suppressed; a suppression that is no use is a finding too.

    Of a rule that is `idle`, which was not run, it cannot be told; of none where `idle` is None.
    """
    live = [suppression for suppression in suppressions if suppression.until is None or today <= suppression.until]
    reported: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in findings:
        by = next((suppression for suppression in live if suppression.covers(finding)), None)
        if by is None:
            reported.append(finding)
        else:
            suppressed.append(Suppressed(finding, by))
    used = {
        suppressed_finding.by.place for suppressed_finding in suppressed
    }  # what a loop or a transform makes several of is one suppression
    for suppression in suppressions:
        if suppression not in live:
            reported.append(
                _useless(
                    suppression, f"has ended on {suppression.until}", "correct what it hides, or give a later date"
                )
            )
        elif suppression.place not in used and idle is not None and suppression.rule not in idle:
            reported.append(_useless(suppression, "hides nothing", "remove it"))
    return tuple(reported), tuple(suppressed)


def _useless(suppression: Suppression, why: str, fix: str) -> Finding:
    return Finding(
        RULE,
        suppression.place,
        "",
        "both",
        f"the suppression of {suppression.rule} ({suppression.reason}) {why}",
        fix,
        suppression.below,
    )
