"""What a change of a property does to a resource, as schemas and the table `updates` say; and which types hold data.

Source: CloudFormation User Guide, "Update behaviors of stack resources"; CloudFormation CLI User Guide, "Resource type
schema", createOnlyProperties, conditionalCreateOnlyProperties, replacementStrategy.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from stackproof.aws.cfnlint_files import stateful_types
from stackproof.aws.data import facts, rows
from stackproof.aws.schemas import schema, subschema
from stackproof.foundation.finding import Path
from stackproof.foundation.values import values_at

CUSTOM, CUSTOM_RESOURCE = "Custom::", "AWS::CloudFormation::CustomResource"
Effect = Literal["", "interrupts", "may replace", "replaces"]
"""What a changed property does to its resource beside updating it."""
EFFECTS: tuple[Effect, ...] = ("", "interrupts", "may replace", "replaces")
"""From the least to the worst."""
Pattern = tuple[str, ...]
"""The path of a property below Properties, `*` for each item of a list."""


class Behaviour(NamedTuple):
    """What replaces resources of a type, what may, what interrupts them; `edits` are lists by what names items."""

    replaces: tuple[Pattern, ...] = ()
    may_replace: tuple[Pattern, ...] = ()
    interrupts: tuple[Pattern, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()


@cache
def behaviour(kind: str) -> Behaviour:
    """Return what changes do to resources of a type. A custom resource's function decides, beside its ServiceToken."""
    if is_custom(kind):
        return Behaviour((("ServiceToken",),), (("*",),))
    known = schema(kind)
    found = fact(kind)
    updated = {dotted(pattern) for pattern in found.get("updated_by", ())}
    replaces = {*_patterns(known, "createOnlyProperties"), *map(dotted, found.get("replaced_by", ()))}
    maybe = {*_patterns(known, "conditionalCreateOnlyProperties")}
    return Behaviour(
        tuple(sorted(replaces - updated)),
        tuple(sorted(maybe - replaces - updated)),
        tuple(map(dotted, found.get("interrupted_by", ()))),
        tuple(found.get("replaced_by_edit", {}).items()),
    )


def is_custom(kind: str) -> bool:
    return kind.startswith(CUSTOM) or kind == CUSTOM_RESOURCE


@cache
def fact(kind: str) -> Mapping[str, Any]:
    """Return all that the table `updates` says of a type, by its columns."""
    return {key: value for row in rows("updates").get(kind, ()) for key, value in row.items() if key != "source"}


def dotted(path: str) -> Pattern:
    return tuple(path.split("."))


def _patterns(known: Mapping[str, Any], key: str) -> list[Pattern]:
    """Return pointers of a schema as patterns: `/properties/A/items/properties/B` and `/properties/A/*/B` are A.*.B."""
    skipped = {"properties", ""}
    return [
        tuple("*" if part == "items" else part for part in pointer.split("/") if part not in skipped)
        for pointer in known.get(key, ())
    ]


def effect(kind: str, path: Path, before: Any, after: Any) -> Effect:
    """Return what a change of the value at a path below Properties does to a resource; None stands for no value."""
    known = behaviour(kind)
    if any(_touches(pattern, path, before, after) for pattern in known.replaces) or _edited(known, path, before, after):
        return "replaces"
    if any(_touches(pattern, path, before, after) for pattern in known.may_replace):
        return "may replace"
    return "interrupts" if any(_touches(pattern, path, before, after) for pattern in known.interrupts) else ""


def touches(pattern: str, path: Path, before: Any, after: Any) -> bool:
    """Tell whether a change of the value at a path changes what stands at a dotted pattern."""
    return _touches(dotted(pattern), path, before, after)


def _touches(pattern: Pattern, path: Path, before: Any, after: Any) -> bool:
    if any(wanted not in ("*", str(key)) for wanted, key in zip(pattern, path, strict=False)):
        return False
    if len(path) >= len(pattern):
        return True
    rest = ".".join(pattern[len(path) :])
    old, new = ([value for _, value in values_at(whole, rest)] for whole in (before, after))
    return old != new


def _edited(known: Behaviour, path: Path, before: Any, after: Any) -> bool:
    """Tell whether an item of a list changed that may only come or go."""
    for name, key in known.edits:
        if path == (name,) and isinstance(before, list) and isinstance(after, list):
            old = {item.get(key): item for item in before if isinstance(item, Mapping)}
            new = [item for item in after if isinstance(item, Mapping) and item.get(key) in old]
            if any(item != old[item.get(key)] for item in new):
                return True
        elif path[:1] == (name,) and len(path) > 2 and path[-1] != key:
            return True
    return False


def holds_data(kind: str) -> bool:
    """Tell whether resources of a type hold what no template has: data, messages, keys that data is encrypted by."""
    return kind in stateful_types() or "holds_data" in fact(kind)


def policy(kind: str, resource: Mapping[str, Any], attribute: str) -> str:
    """Return a resource's DeletionPolicy or UpdateReplacePolicy: Delete, Retain, RetainExceptOnCreate or Snapshot.

    Only DeletionPolicy has a default other than Delete; a Snapshot of what takes none deletes it.
    Source: CloudFormation Template Reference, "DeletionPolicy attribute", "UpdateReplacePolicy attribute".
    """
    known = fact(kind)
    stated = resource.get(attribute)
    if stated == "Snapshot":
        return "Snapshot" if "snapshot" in known else "Delete"
    if stated is not None:
        return str(stated)
    default = attribute == "DeletionPolicy" and known.get("snapshot") == "default"
    member = known.get("snapshot_unless") in resource.get("Properties", {})
    return "Snapshot" if default and not member else "Delete"


def deleted_first(kind: str) -> bool:
    """Tell whether a replaced resource goes before its replacement comes. Source: replacementStrategy of its schema."""
    return schema(kind).get("replacementStrategy") == "delete_then_create"


def unordered(kind: str, path: Path) -> bool:
    """Tell whether the order of a list says nothing. Source: `insertionOrder` of its schema."""
    return subschema(kind, path).get("insertionOrder") is False


def one_at_a_time() -> Mapping[str, Mapping[str, str]]:
    """Return by type the lists of which one item may come or go in an update, with the property that names items."""
    return facts("updates", "one_at_a_time")


def shortened_by(kind: str) -> Mapping[str, Any]:
    """Return the properties of a type that say how long its data is kept, each with its default."""
    found: Mapping[str, Any] = fact(kind).get("shortened_by", {})
    return found
