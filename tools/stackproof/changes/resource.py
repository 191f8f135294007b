"""What an update does to one resource: what of it changes, and whether that updates, interrupts or replaces it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from stackproof.aws.updates import EFFECTS, Effect, deleted_first, effect, fact, policy, touches, unordered
from stackproof.changes.difference import differences
from stackproof.foundation.finding import Path

Action = Literal["create", "update", "interrupt", "may replace", "replace", "retype", "delete", "snapshot", "retain"]
ACTIONS: Mapping[Action, str] = {
    "create": "created",
    "update": "updated in place",
    "interrupt": "updated in place, interrupted",
    "may replace": "perhaps replaced",
    "replace": "replaced",
    "retype": "refused: another type",
    "delete": "deleted",
    "snapshot": "deleted after a snapshot",
    "retain": "retained outside the stack",
}
"""What can become of a resource, in words."""
OF_EFFECT: Mapping[Effect, Action] = {
    "": "update",
    "interrupts": "interrupt",
    "may replace": "may replace",
    "replaces": "replace",
}
OLD: Mapping[str, Action] = {
    "Delete": "delete",
    "Snapshot": "snapshot",
    "Retain": "retain",
    "RetainExceptOnCreate": "retain",
}
"""What becomes of a resource that leaves a stack, by its policy."""
WITH_UPDATES = ("Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
"""The attributes beside Properties whose change counts as one of the resource, which is not touched by it.
Source: CloudFormation API Reference, "ResourceChange", Scope."""


@dataclass(frozen=True)
class PropertyChange:
    """A value of a resource that changes: its path below the resource, before and after (None where there is none).

    `because` names the replaced resource that it refers to, "" where the value itself is another one.
    """

    path: Path
    before: Any
    after: Any
    effect: Effect = ""
    because: str = ""

    @property
    def name(self) -> str:
        below = self.path[1:] if self.path[0] == "Properties" else self.path
        return ".".join(map(str, below))

    def is_at(self, pattern: str) -> bool:
        """Tell whether it changes what stands at a dotted path below Properties, `*` for each item of a list."""
        return self.path[0] == "Properties" and touches(pattern, self.path[1:], self.before, self.after)


@dataclass(frozen=True)
class ResourceChange:
    """What becomes of a resource. `before` and `after` are it in both stacks, None where it is not there.

    `old` is what becomes of the physical resource that a replacement leaves; `notes` are worth knowing of it.
    """

    logical: str
    kind: str
    action: Action
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    properties: tuple[PropertyChange, ...] = ()
    old: Action | None = None
    notes: tuple[str, ...] = ()

    @property
    def leaves(self) -> bool:
        """Whether what was there goes, or is no longer the stack's: deleted, retained or replaced."""
        return self.before is not None and self.action in ("delete", "snapshot", "retain", "replace")

    @property
    def comes(self) -> bool:
        """Whether something is created that was not there."""
        return self.action in ("create", "replace")

    @property
    def fate(self) -> Action | None:
        """What becomes of the physical resource that leaves; None where none does."""
        if not self.leaves:
            return None
        return self.old if self.action == "replace" else self.action

    @property
    def why(self) -> str:
        """The properties that replace it, or may, or interrupt it."""
        worst = {name: action for name, action in OF_EFFECT.items() if action == self.action and name}
        found = [change for change in self.properties if change.effect in worst]
        named = (f"{change.name}{f' of {change.because}' if change.because else ''}" for change in found)
        return ", ".join(dict.fromkeys(named))

    def properties_of(self, stack: Literal["before", "after"]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = ((self.before if stack == "before" else self.after) or {}).get("Properties", {})
        return found


def compared(logical: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> ResourceChange | None:
    """Return what becomes of a resource that is one thing before an update and another after it; None for nothing."""
    if before is None and after is None:
        return None
    if before is None:
        assert after is not None
        return ResourceChange(logical, after["Type"], "create", None, after, notes=(*_notes(after["Type"], ()),))
    if after is None:
        return ResourceChange(logical, before["Type"], left_to(before), before, None)
    if before["Type"] != after["Type"]:
        return ResourceChange(logical, after["Type"], "retype", before, after)
    return of_changes(logical, before, after, tuple(_changes(before, after)))


def of_changes(
    logical: str, before: Mapping[str, Any], after: Mapping[str, Any], changes: tuple[PropertyChange, ...]
) -> ResourceChange | None:
    """Return what changed values do to a resource; None for no change."""
    if not changes:
        return None
    kind = after["Type"]
    action = OF_EFFECT[max((change.effect for change in changes), key=EFFECTS.index)]
    old = OLD[policy(kind, after, "UpdateReplacePolicy")] if action in ("replace", "may replace") else None
    notes = [*_notes(kind, changes)]
    if action == "replace" and deleted_first(kind):
        notes.append("the old one goes before the new one comes")
    return ResourceChange(logical, kind, action, before, after, changes, old, tuple(notes))


def left_to(resource: Mapping[str, Any]) -> Action:
    """Return what becomes of a resource that is no longer in the template.

    Its policy is that of the template before. Source: CloudFormation Template Reference, "DeletionPolicy attribute".
    """
    return OLD.get(policy(resource["Type"], resource, "DeletionPolicy"), "delete")


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[PropertyChange]:
    kind = after["Type"]
    old, new = before.get("Properties", {}), after.get("Properties", {})
    for path, was, now in differences(old, new, partial(unordered, kind)):
        yield PropertyChange(("Properties", *path), was, now, effect(kind, path, was, now))
    for attribute in WITH_UPDATES:
        for path, was, now in differences(before.get(attribute), after.get(attribute), path=(attribute,)):
            yield PropertyChange(path, was, now)


def _notes(kind: str, changes: tuple[PropertyChange, ...]) -> Iterator[str]:
    """Give what is known of changes beside their effect: what is encrypted as before, and what takes long."""
    known = fact(kind)
    for column in ("old_stays", "slow"):
        for pattern, note in known.get(column, {}).items():
            if any(change.is_at(pattern) for change in changes):
                yield note
