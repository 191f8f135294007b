"""What becomes of stacks in an update, as text for people, JSON for programs, annotations for GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from stackproof.changes.resource import PropertyChange
from stackproof.changes.table import Group, Part, Row, counts, details, groups
from stackproof.changes.update import Update
from stackproof.foundation.colour import Paint, coloured, plain
from stackproof.foundation.finding import pointer
from stackproof.gate.outcome import Outcome
from stackproof.report import github, text
from stackproof.report.source_lines import Sources

BAD = ("delete", "retype", "replace")
DOUBTFUL = ("may replace", "interrupt", "snapshot", "retain")
MOST = 2


def as_text(outcome: Outcome, paint: Paint = plain) -> str:
    """Return a table for each group of scenarios, then the findings, and a line of counts."""
    lines: list[str] = []
    same = [group for group in groups(outcome.updates) if not any(part.rows for part in group.parts)]
    for group in groups(outcome.updates):
        lines += [*table(group, paint), ""] if group not in same else []
    lines += [paint("soft", f"nothing changes in {', '.join(group.scenarios)}") for group in same]
    lines += [*text.findings(outcome, paint)]
    lines += [paint("soft", f"note: {note}") for note in outcome.notes]
    lines.append(summary(outcome, paint))
    return "\n".join(lines)


def as_coloured_text(outcome: Outcome) -> str:
    return as_text(outcome, coloured)


def summary(outcome: Outcome, paint: Paint = plain) -> str:
    """Return the outcome of a comparison in a line."""
    tone, verdict = (("kept", "passes"), ("broken", "fails"), ("doubt", "cannot tell"))[outcome.exit]
    changed = sum(any(side.changes for side in update.sides) for update in outcome.updates)
    of = f"{changed} of {len(outcome.updates)} scenarios change"
    return f"{outcome.path}: {paint(tone, verdict)}: {of}, {text.counted(outcome)}"


def table(group: Group, paint: Paint = plain) -> Iterator[str]:
    """Give the lines of a table: the scenarios, and for each stack in order what happens, step by step."""
    names = ", ".join(group.scenarios[:MOST])
    more = f" and {len(group.scenarios) - MOST} more" if len(group.scenarios) > MOST else ""
    yield paint("place", f"{names}{more}")
    for number, part in enumerate(group.parts, 1):
        yield f"{number}. the {part.side} stack {part.stack} in {part.region}: {counts([part])}"
        yield from rows(part, paint)


def rows(part: Part, paint: Paint = plain) -> Iterator[str]:
    """Give a line for each step of a stack's update."""
    width = max((len(row.logical) for row in part.rows), default=0)
    longest = max((len(row.words) for row in part.rows), default=0)
    for row in part.rows:
        shown = f"{row.kind}{f'  {row.details}' if row.details else ''}"
        yield f"   {row.step:3}  {paint(_tone(row), f'{row.words:{longest}}')}  {row.logical:{width}}  {shown}".rstrip()


def _tone(row: Row) -> str:
    return "broken" if row.action in BAD else "doubt" if row.action in DOUBTFUL else "soft"


def as_json(outcome: Outcome) -> str:
    """Return {"updates": [...], "findings": [...], "errors": [...], "exit": n}.

    An update: {"scenario", "stacks": [{"side", "region", "stack", "changes": [...]}]}, the stacks in order; a change:
    {"step", "action", "logical_id", "type", "old", "cleanup", "path", "line", "column", "details", "properties"}.
    """
    whole = json.loads(text.as_json(outcome))
    whole.pop("not_applicable")
    return json.dumps({"updates": [_update(update) for update in outcome.updates], **whole}, indent=2)


def _update(update: Update) -> dict[str, object]:
    (group,) = groups([update])
    parts = zip(group.parts, update.in_order, strict=True)
    stacks = [
        {
            "side": part.side,
            "region": part.region,
            "stack": part.stack,
            "changes": [_change(row, side.by_id[row.logical].properties) for row in part.rows],
        }
        for part, side in parts
    ]
    return {"scenario": update.name, "stacks": stacks}


def _change(row: Row, properties: Sequence[PropertyChange]) -> dict[str, Any]:
    return {
        "step": row.step,
        "action": row.action,
        "logical_id": row.logical,
        "type": row.kind,
        "cleanup": row.cleanup,
        "path": row.place.path,
        "line": row.place.line,
        "column": row.place.column,
        "details": row.details,
        "properties": [] if row.cleanup else [_property(change) for change in properties],
    }


def _property(change: PropertyChange) -> dict[str, Any]:
    return {
        "path": pointer(change.path),
        "before": change.before,
        "after": change.after,
        "effect": change.effect,
        "because": change.because,
    }


def as_annotations(outcome: Outcome) -> str:
    """Return an annotation for each resource that is replaced, interrupted or goes, then those of the findings."""
    lines: list[str] = []
    sources = Sources(outcome.texts)
    for group in groups(outcome.updates):
        for part in group.parts:
            for row in part.rows:
                if row.action in (*BAD, *DOUBTFUL) and not (row.cleanup and row.details):
                    where = f"[{', '.join(group.scenarios[:MOST])}; {part.side}]"
                    details_of = f": {row.details}" if row.details else ""
                    message = f"{where} {row.logical} ({row.kind}) is {row.words}{details_of}"
                    lines.append(github.command("notice", sources, row.place, row.words, message))
    return "\n".join([*dict.fromkeys(lines), *github.of_findings(outcome), summary(outcome)])


FORMATS = {"text": as_text, "json": as_json, "github": as_annotations, "coloured text": as_coloured_text}
"""The formats of `stackproof changes`, the first one the default; the last is chosen by itself on a terminal."""

__all__ = ["FORMATS", "as_annotations", "as_coloured_text", "as_json", "as_text", "details", "rows", "table"]
