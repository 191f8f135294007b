"""What the roles of two stacks are granted, and by what each grant is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.iam_actions import action
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.iam.need import Need
from stackproof.iam.needs import needs_of
from stackproof.iam.service_needs import uses
from stackproof.iam.statements import Statement, of_roles


class Grant(NamedTuple):
    """Actions that a role may take on a resource, what uses them, and on which sides."""

    role: str
    actions: tuple[str, ...]
    resource: str
    used_by: tuple[str, ...]
    sides: tuple[str, ...]


def grants(deployment: Deployment) -> list[Grant]:
    """Return what the roles of both stacks are granted, those alike on both sides once, by role.

    Where not all is known that a role needs, what nothing known uses is "not known: " and why.
    """
    sides: dict[tuple[str, str, str, tuple[str, ...]], dict[str, None]] = {}
    for stack in deployment.stacks:
        for row in _rows(stack):
            sides.setdefault(row, {})[stack.scenario.side] = None
    merged: dict[tuple[object, ...], list[str]] = {}
    for (role, name, resource, used_by), where in sides.items():
        merged.setdefault((role, resource, used_by, tuple(where)), []).append(name)
    found = [Grant(key[0], tuple(names), *key[1:]) for key, names in merged.items()]  # type: ignore[arg-type]
    return sorted(found, key=lambda grant: grant.role)


def _rows(stack: Stack) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for role, granted in of_roles(stack).items():
        known, unknown = needs_of(stack)[role]
        perhaps = tuple(dict.fromkeys(f"not known: {why.message}" for why in unknown))
        for statement in granted:
            if statement.effect == "Allow" and not statement.managed:
                for name, resource in _pairs(statement):
                    yield role, name, _short(stack, resource), _users(known, name, resource) or perhaps
        users = tuple(dict.fromkeys(use.logical for use in uses(stack)[role]))
        for policy in stack.resources[role].get("Properties", {}).get("ManagedPolicyArns", []):
            yield role, str(policy).rpartition("/")[2], "as AWS defines it", users


def _pairs(statement: Statement) -> Iterator[tuple[str, str]]:
    """Give each action with each resource of a kind that it knows."""
    for name in statement.actions:
        known = action(name)
        for resource in statement.resources:
            if known is None or list(known.narrowed(resource)):
                yield name, resource


def _users(wanted: Sequence[Need], name: str, resource: str) -> tuple[str, ...]:
    found = [
        f"{need.why}, line {need.line}" if need.line else need.why
        for need in wanted
        if need.action.lower() == name.lower() and (covers(need.resource, resource) or covers(resource, need.covers()))
    ]
    return tuple(dict.fromkeys(found))


def _short(stack: Stack, resource: str) -> str:
    """Return the part of an ARN that tells resources of an account apart; the own region as REGION."""
    short = resource.split(":", 5)[5] if resource.startswith("arn:") else resource
    return short.replace(stack.scenario.region, "REGION")
