"""Updates as rows of a table, in the order in which they happen; scenarios with the same rows stand together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from stackproof.changes.resource import ACTIONS, Action, PropertyChange, ResourceChange
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update
from stackproof.foundation.finding import Path, Place, Side

MOST_NAMES, MOST_LETTERS = 4, 40
"""How many properties a row names, and how long their values may be."""


class Row(NamedTuple):
    """One step of an update: what happens to which resource, and what of it changes or why it is replaced.

    `place` is where the resource stands in the template after the update, or before it where it is gone; `at` its path.
    `step` counts from 1; a step of the cleanup comes after all others.
    """

    step: int
    action: Action
    logical: str
    kind: str
    details: str
    place: Place
    at: Path
    cleanup: bool = False

    @property
    def words(self) -> str:
        return ACTIONS[self.action]


class Part(NamedTuple):
    """The rows of one stack's update."""

    side: Side
    region: str
    stack: str
    rows: tuple[Row, ...]


class Group(NamedTuple):
    """Scenarios whose stacks change in the same way; the parts, of the first of them, in the order of the updates."""

    scenarios: tuple[str, ...]
    parts: tuple[Part, ...]


def groups(updates: Iterable[Update]) -> list[Group]:
    """Return the updates as rows, the scenarios with the same ones together."""
    found: dict[object, list[Update]] = {}
    for update in updates:
        found.setdefault(tuple(_shape(side) for side in update.sides), []).append(update)
    return [
        Group(tuple(update.name for update in same), tuple(part(side) for side in same[0].in_order))
        for same in found.values()
    ]


def _shape(side: StackUpdate) -> object:
    changes = tuple((change.logical, change.action, change.why, change.old) for change in side.changes)
    return side.side, side.is_same_stack, changes


def part(side: StackUpdate) -> Part:
    """Return the update of one stack as rows."""
    scenario = side.after.scenario
    rows = [_row(side, change) for change in side.changes if not (change.leaves and change.after is None)]
    rows += [_cleanup(side, change) for change in side.cleanup]
    numbered = tuple(row._replace(step=number) for number, row in enumerate(rows, 1))
    return Part(side.side, scenario.region, scenario.stack, numbered)


def _row(side: StackUpdate, change: ResourceChange) -> Row:
    at = ("Resources", change.logical)
    return Row(0, change.action, change.logical, change.kind, details(change), side.after.place(at), at)


def _cleanup(side: StackUpdate, change: ResourceChange) -> Row:
    at: Path = ("Resources", change.logical)
    gone = change.after is None
    place = (side.before if gone else side.after).place(at)
    fate = change.fate
    assert fate is not None
    return Row(0, fate, change.logical, change.kind, "" if gone else "the one that was replaced", place, at, True)


def details(change: ResourceChange) -> str:
    """Return what of a resource changes, what replaces it first, and what else is known of that."""
    parts = []
    if change.action == "retype" and change.before:
        parts.append(f"{change.before['Type']} -> {change.kind}")
    weighed = sorted(change.properties, key=lambda changed: not changed.effect)
    named = list(dict.fromkeys(map(shown, weighed)))
    parts += named[:MOST_NAMES]
    if len(named) > MOST_NAMES:
        parts.append(f"{len(named) - MOST_NAMES} more")
    return "; ".join([", ".join(parts), *change.notes] if parts else change.notes)


def shown(change: PropertyChange) -> str:
    """Return a changed value as text: its name with both values where they are short, else its name alone."""
    if change.because:
        return f"{change.name} of {change.because}"
    old, new = _value(change.before), _value(change.after)
    if not old and not new:
        return change.name
    if change.before is None:
        return f"{change.name} {new}".rstrip() if new else f"{change.name} added"
    if change.after is None:
        return f"{change.name} removed"
    return f"{change.name} {old or '…'} -> {new or '…'}"


def _value(value: Any) -> str:
    """Return a short value as text, "" for one that is none or too long."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= MOST_LETTERS and "\n" not in text else ""


def counts(parts: Sequence[Part]) -> str:
    """Return how many resources there are of each action, in words."""
    found: dict[str, int] = {}
    for part in parts:
        for row in part.rows:
            if not (row.cleanup and row.details):
                found[row.words] = found.get(row.words, 0) + 1
    return ", ".join(f"{count} {words}" for words, count in found.items()) or "nothing changes"
