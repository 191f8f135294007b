"""Which actions CloudFormation calls for a resource: what the handlers of its type list, as far as the resource needs.

A schema lists what a handler may ever call. What is only called for some properties, and what a schema lacks, are rows
of `aws/data/permissions.yaml`. The code of AWS's handlers is not public for most types, so that a handler which calls
what its schema does not list is known by a row, or by the first deployment that is denied.
Source: CloudFormation CLI User Guide, "Resource type schema", handlers; "Developing resource types", which handler is
invoked when; AWS re:Post, "Attribute 'Key' does not exist" (what Fn::GetAtt gives comes from the read handler).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import is_pattern, members
from stackproof.aws.schemas import schema
from stackproof.code.custom_resources import is_custom

Operation = Literal["create", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = ("create", "update", "delete")
HANDLERS: Mapping[Operation, tuple[str, ...]] = {
    "create": ("create", "read"),
    "update": ("read", "update"),
    "delete": ("delete",),
}
"""The handlers of an operation on one resource: what creates or changes one reads it as well, for its attributes."""
HANDLED = ("create", "read", "update", "delete")
CUSTOM = "AWS::CloudFormation::CustomResource"


class Call(NamedTuple):
    """An action that a handler lists, as IAM spells it, and the operation that needs it; `wild` if it is one of those
    that a name with wildcards stands for."""

    action: str
    operation: Operation
    wild: bool


class Handled(NamedTuple):
    """The calls for a resource, and what the schema lists that is left out: the action and why."""

    calls: tuple[Call, ...]
    left_out: tuple[tuple[str, str], ...]


@cache
def listed(kind: str) -> Mapping[str, tuple[str, ...]] | None:
    """Return the actions that each handler of a type lists, with what rows add; None if nothing is known of it."""
    kind = CUSTOM if is_custom(kind) else kind
    handlers: Mapping[str, Any] = schema(kind).get("handlers") or {}
    added: Mapping[str, Sequence[str]] | None = facts("permissions", "calls").get(kind)
    if not handlers and added is None:
        return None
    names = dict.fromkeys([*handlers, *(added or {})])
    return {
        name: tuple(dict.fromkeys([*handlers.get(name, {}).get("permissions", ()), *(added or {}).get(name, ())]))
        for name in names
    }


@cache
def prefix_of(kind: str) -> str:
    """Return the prefix that a type's own service has in IAM: the one that its handlers list most."""
    found = listed(kind) or {}
    calls = [action for name in ("create", "delete") for action in found.get(name, ())]
    counted = Counter(action.partition(":")[0].lower() for action in calls)
    return counted.most_common(1)[0][0] if counted else kind.split("::")[1].lower()


def handled(kind: str, properties: Mapping[str, Any], operations: Sequence[Operation]) -> Handled:
    """Return what is called for a resource of a type with these properties; its type is one that `listed` knows."""
    return _handled(kind, frozenset(_keys(properties)), tuple(operations))


@cache
def _handled(kind: str, keys: frozenset[str], operations: tuple[Operation, ...]) -> Handled:
    calls: dict[Call, None] = {}
    left_out: dict[tuple[str, str], None] = {}
    for operation in operations:
        for handler in HANDLERS[operation]:
            for name in (listed(kind) or {}).get(handler, ()):
                known, wild = spelled(name), is_pattern(name)
                wanted = [action for action in known if not _needless(kind, action, keys)]
                calls |= dict.fromkeys(Call(action, operation, wild) for action in wanted)
                if not wanted:
                    why = _needless(kind, known[0], keys) if known else "IAM has no such action"
                    left_out[name, why] = None
    return Handled(tuple(calls), tuple(left_out))


def called(kind: str, properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the handlers of a type list, as its schema writes it, that a resource with these properties needs."""
    return _called(kind, frozenset(_keys(properties)))


@cache
def _called(kind: str, keys: frozenset[str]) -> tuple[str, ...]:
    handlers = listed(kind) or {}
    names = dict.fromkeys(name for key in HANDLED for name in handlers.get(key, ()))
    return tuple(name for name in names if not _needless(kind, name, keys))


def _needless(kind: str, name: str, keys: frozenset[str]) -> str:
    """Return why an action is not called for a resource with these properties, "" if it is."""
    for action, wanted in facts("permissions", "only_with").get(kind, {}).items():
        if not keys.intersection(wanted) and _stands_for(action, name):
            return f"only with {' or '.join(wanted)}" if wanted else "of no use to this type"
    return ""


def _stands_for(pattern: str, name: str) -> bool:
    """Tell whether an action is the one named, or one that a name with wildcards stands for."""
    return covers(pattern, name, fold=True) if is_pattern(pattern) else pattern.lower() == name.lower()


@cache
def spelled(name: str) -> tuple[str, ...]:
    """Return an action as IAM spells it, or those that a name with wildcards stands for; nothing if IAM has none."""
    service, _, verb = name.partition(":")
    return tuple(action.spelling for action in members(f"{service.lower()}:{verb}"))


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)
