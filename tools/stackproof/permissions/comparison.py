"""What policies lack of what is needed, and what they allow beside it.

A policy may be wider than the ARNs of the scenarios as far as it names each resource for any region and environment:
what one resource is called in all scenarios, `*` for what differs. Statements are decided as IAM decides a request,
with the condition keys that are known of one; a condition on a key that is not known here is taken not to hold.
Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Literal, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.iam_actions import Action, action, is_pattern, members
from stackproof.foundation.values import as_list
from stackproof.iam.simulation import Policy, Request, decide
from stackproof.permissions.documents import covering
from stackproof.permissions.required import OWNER, Conditions, Reason, Required
from stackproof.permissions.widening import Width

NAMED = 3
"""Actions or ARNs that a message names."""


class Difference(NamedTuple):
    """A difference between policies and what is needed: what is lacking or too much, of which action, and the fix."""

    kind: Literal["lacks", "too much"]
    action: str
    message: str
    fix: str


def differences(held: Sequence[Policy], needed: Sequence[Required], account: str) -> tuple[Difference, ...]:
    """Return what policies lack and have too much; raise CannotTell for an element that is not read here."""
    return (*_lacking(held, needed, account), *_needless(held, needed))


def _lacking(held: Sequence[Policy], needed: Iterable[Required], account: str) -> Iterator[Difference]:
    denied: dict[tuple[str, Conditions], dict[str, Reason]] = {}
    asked: dict[tuple[str, str, Conditions], Reason] = {}
    for need in needed:
        asked.setdefault((need.action, need.resource, need.conditions), need.reason)
    near = {name: _about(held, name) for name in {name for name, _, _ in asked}}
    for (name, resource, conditions), reason in sorted(asked.items()):
        if not all(
            _allowed(near[name], name, resource, context) for context in _contexts(resource, conditions, account)
        ):
            denied.setdefault((name, conditions), {})[resource] = reason
    for (name, conditions), on in denied.items():
        first = next(iter(on.values()))
        what = f"{first.logical} ({first.kind}) needs it to {first.operation}"
        to = "".join(f" with {key} {' and '.join(values)}" for key, values in conditions)
        yield Difference("lacks", name, f"{name} on {_few(on)}{to}: {what}", f"allow {name} on {_few(on)}{to}")


def _about(held: Sequence[Policy], name: str) -> tuple[Policy, ...]:
    """Return policies with only those statements that may speak of an action."""
    return tuple(
        policy._replace(
            statements=tuple(
                statement
                for statement in policy.statements
                if "NotAction" in statement
                or any(covers(str(pattern), name, fold=True) for pattern in as_list(statement.get("Action", ())))
            )
        )
        for policy in held
    )


def _contexts(resource: str, conditions: Conditions, account: str) -> Iterator[dict[str, str]]:
    """Give the condition keys of the requests that an action is allowed for: one for each value of a condition."""
    region = resource.split(":")[3] if resource.startswith("arn:") else ""
    every = {"aws:ResourceAccount": account, "aws:PrincipalAccount": account}
    every |= {"aws:RequestedRegion": region} if region and region != "*" else {}
    for values in product(*(values for _, values in conditions)):
        yield {**every, **dict(zip((key for key, _ in conditions), values, strict=True))}


def _allowed(held: Sequence[Policy], name: str, resource: str, context: Mapping[str, str]) -> bool:
    return decide(_on(held, resource), Request(name, resource, context)) == "allowed"


def _on(held: Sequence[Policy], resource: str) -> list[Policy]:
    """Return policies with only those statements that may speak of a resource: to decide all takes long."""
    near = (tuple(statement for statement in policy.statements if _may_speak(statement, resource)) for policy in held)
    return [policy._replace(statements=some) for policy, some in zip(held, near, strict=True) if some]


def _may_speak(statement: Mapping[str, Any], resource: str) -> bool:
    patterns = map(str, as_list(statement.get("Resource", "*")))
    return any("${" in pattern or covers(pattern, resource) for pattern in patterns)


def _needless(held: Sequence[Policy], needed: Sequence[Required]) -> Iterator[Difference]:
    """Give what is allowed that nothing needs: actions, then the resources of those that are needed."""
    wide: dict[str, dict[Conditions, tuple[str, ...]]] = {}
    regions = dict.fromkeys({need.action.partition(":")[0] for need in needed}, Width.REGIONS)
    for (name, conditions), arns in covering(needed, regions).items():
        wide.setdefault(name.lower(), {})[conditions] = arns
    every = [statement for policy in held for statement in policy.statements]
    for statement in (statement for statement in every if statement["Effect"] == "Allow"):
        patterns = [str(pattern) for pattern in as_list(statement.get("Action", ()))]
        if "NotAction" in statement or "*" in patterns:
            yield Difference("too much", "*", "it allows actions of every service", "name the actions that are needed")
            continue
        yield from _unneeded_actions(patterns, wide)
        known = [granted for pattern in patterns for granted in members(pattern) if granted.name in wide]
        yield from _unneeded_resources(statement, known, wide)


def _unneeded_actions(patterns: Sequence[str], wide: Mapping[str, Any]) -> Iterator[Difference]:
    for pattern in patterns:
        extra = [granted.spelling for granted in members(pattern) if granted.name not in wide]
        if extra and is_pattern(pattern):
            message = f"{pattern} allows {len(extra)} actions that nothing needs, such as {_few(extra)}"
            yield Difference("too much", pattern, message, f"name the actions in the place of {pattern}")
        elif extra or not members(pattern):
            yield Difference("too much", pattern, f"nothing needs {pattern}", f"remove {pattern}")


def _unneeded_resources(
    statement: Mapping[str, Any], known: Sequence[Action], wide: Mapping[str, Mapping[Conditions, tuple[str, ...]]]
) -> Iterator[Difference]:
    resources = [str(resource) for resource in as_list(statement.get("Resource", ()))]
    found: dict[str, dict[str, None]] = {}
    for granted in known:
        for resource in resources if granted.kinds else ():
            parts = granted.narrowed(resource)
            needed = [arn for arns in wide[granted.name].values() for arn in arns]
            if not all(any(covers(arn, part) for arn in needed) for part in parts):
                found.setdefault(resource, {})[granted.spelling] = None
        yield from _unneeded_conditions(statement, granted, wide[granted.name])
    for resource, names in found.items():
        first = action(next(iter(names)))
        instead = [arn for arns in wide[first.name].values() for arn in arns] if first else []
        message = f"{_few(names)} on {resource} is more than {_few(instead)}"
        yield Difference("too much", next(iter(names)), message, f"write {_few(instead)} in the place of {resource}")


def _unneeded_conditions(
    statement: Mapping[str, Any], granted: Action, wide: Mapping[Conditions, tuple[str, ...]]
) -> Iterator[Difference]:
    """Give the values of a condition that are needed for nothing, or that a condition which all need is missing."""
    needed: dict[str, set[str]] = {}
    for conditions in wide:
        for key, some in conditions:
            needed.setdefault(key, set()).update(some)
    stated = {
        key.lower(): {str(value) for value in as_list(values)}
        for tests in statement.get("Condition", {}).values()
        for key, values in tests.items()
    }
    for key, values in needed.items():
        stated_values = stated.get(key.lower())
        if stated_values is None and key != OWNER and () not in wide:
            message = f"{granted.spelling} has no condition on {key}"
            yield Difference("too much", granted.spelling, message, f"let {key} be {_few(sorted(values))}")
        elif stated_values and stated_values - values:
            message = (
                f"{granted.spelling} is allowed with {key} {_few(sorted(stated_values - values))}, which nothing needs"
            )
            yield Difference("too much", granted.spelling, message, "remove it")


def _few(names: Iterable[str]) -> str:
    """Return the first of some names, and how many more there are."""
    every = [*names]
    more = f" and {len(every) - NAMED} more" if len(every) > NAMED else ""
    return f"{', '.join(every[:NAMED])}{more}"
