"""What an update does to the resources of a stack, references to replaced ones included, in CloudFormation's order.

Source: CloudFormation User Guide, "Update behaviors of stack resources" (a replacement is created first, what refers to
it is updated, and the old resource goes at the end), "Understand CloudFormation stack creation events" (cleanup).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from stackproof.aws.updates import effect
from stackproof.changes.resource import PropertyChange, ResourceChange, compared, of_changes
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Finding, Path, Side
from stackproof.foundation.ordering import batches
from stackproof.foundation.placeholders import TOKEN
from stackproof.topology.texts import texts

NAMED = re.compile(r"\b([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?@")
"""The logical id in a token, before its region."""


@dataclass(frozen=True, eq=False)
class StackUpdate:
    """A stack before and after an update, in one scenario."""

    before: Stack
    after: Stack

    @property
    def side(self) -> Side:
        return self.after.scenario.side

    @property
    def is_same_stack(self) -> bool:
        """Whether both are one stack of CloudFormation; where not, one is created and the other stays as it is."""
        old, new = self.before.scenario, self.after.scenario
        return (old.account, old.region, old.stack) == (new.account, new.region, new.stack)

    @cached_property
    def changes(self) -> tuple[ResourceChange, ...]:
        """What becomes of the resources, in the order of CloudFormation: what comes and changes, then what goes."""
        found = self._all()
        coming = [name for name in _order(self.after) if name in found]
        going = [name for name in reversed(_order(self.before)) if name in found and name not in self.after.resources]
        return tuple(found[name] for name in (*coming, *going))

    @cached_property
    def cleanup(self) -> tuple[ResourceChange, ...]:
        """What goes when all else is done: removed resources, and what replacements leave, dependants first."""
        going = {change.logical: change for change in self.changes if change.leaves}
        return tuple(going[name] for name in reversed(_order(self.before)) if name in going)

    @cached_property
    def by_id(self) -> Mapping[str, ResourceChange]:
        return {change.logical: change for change in self.changes}

    def stays(self, logical: str) -> bool:
        """Tell whether a resource of before is the same physical resource after the update, in the stack."""
        if logical not in self.before.resources or not self.is_same_stack:
            return False
        return logical not in self.by_id or not self.by_id[logical].leaves

    def finding(self, change: ResourceChange, message: str, fix: str, *more: str | int) -> Finding:
        """Return a finding about a resource, at a path below it; of one that is gone, at the template's Resources."""
        if change.after is None:
            where = self.before.place(("Resources", change.logical))
            return self.after.finding(("Resources",), f"{message} (it was at {where})", fix)
        return self.after.finding(("Resources", change.logical, *more), message, fix)

    def _all(self) -> dict[str, ResourceChange]:
        before = self.before.resources if self.is_same_stack else {}
        after = self.after.resources
        names = dict.fromkeys((*after, *before))
        found = {name: compared(name, before.get(name), after.get(name)) for name in names}
        changed = {name: change for name, change in found.items() if change is not None}
        return self._with_references(changed)

    def _with_references(self, changed: dict[str, ResourceChange]) -> dict[str, ResourceChange]:
        """Add what refers to replaced resources: its value changes, and may replace it in turn."""
        references = _references(self.after)
        waiting = [change.logical for change in changed.values() if change.action in ("replace", "may replace")]
        while waiting:
            replaced = waiting.pop()
            for logical, path, text in references.get(replaced, ()):
                before = self.before.resources.get(logical)
                known = changed.get(logical)
                if before is None or (known and known.action in ("create", "retype")):
                    continue
                after = self.after.resources[logical]
                old = known.properties if known else ()
                if any(change.path == path and (not change.because or change.because == replaced) for change in old):
                    continue
                does = effect(after["Type"], path[1:], text, text)
                if changed[replaced].action == "may replace" and does == "replaces":
                    does = "may replace"
                more = PropertyChange(path, text, text, does, replaced)
                became = of_changes(logical, before, after, (*old, more))
                assert became is not None
                changed[logical] = became
                if became.action in ("replace", "may replace") and (known is None or known.action != became.action):
                    waiting.append(logical)
        return changed


def _references(stack: Stack) -> Mapping[str, Sequence[tuple[str, Path, str]]]:
    """Return by logical id which resources refer to what only AWS knows of it: id, path below the resource, text."""
    found: dict[str, list[tuple[str, Path, str]]] = {}
    for logical, resource in stack.resources.items():
        for path, text in texts(resource.get("Properties", {}), ("Properties",)):
            for name in _named(text):
                if name in stack.resources and name != logical:
                    found.setdefault(name, []).append((logical, path, text))
    return found


def _named(text: str) -> Iterator[str]:
    if "{{" in text:
        for token in TOKEN.findall(text):
            yield from dict.fromkeys(NAMED.findall(token))


def _order(stack: Stack) -> list[str]:
    """Return the resources of a stack as they are created."""
    depends = {name: depended & stack.resources.keys() for name, depended in stack.depends.items()}
    return [name for batch in batches(depends) for name in batch]
