"""Roles in which CloudFormation makes other stacks: no resource names them, and what they reach is not of this stack.

Source: CloudFormation User Guide, "CloudFormation service role"; "Grant self-managed permissions" (of StackSets).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.iam.need import Need, role_of
from stackproof.iam.service_needs import uses
from stackproof.iam.statements import Statement, of_roles, statements

SERVICE = "cloudformation.amazonaws.com"
ASSUME = "sts:AssumeRole"


@memoised
def deploying_roles(stack: Stack) -> Mapping[str, tuple[str, ...]]:
    """Return the roles that CloudFormation alone assumes, and those that only such roles assume, with who does.

    A role that a resource names is that resource's. The values are "" for CloudFormation, else the ids of the roles.
    """
    trusted = {role: _trusted(stack, role) for role, users in uses(stack).items() if not users}
    found: dict[str, tuple[str, ...]] = {
        role: ("",) for role, names in trusted.items() if names and all(map(_is_service, names))
    }
    more = True
    while more:
        chained = {
            role: tuple(role_of(stack, name) for name in names)
            for role, names in trusted.items()
            if role not in found and names and all(role_of(stack, name) in found for name in names)
        }
        found |= chained
        more = bool(chained)
    return found


def _trusted(stack: Stack, role: str) -> list[str]:
    """Return every principal that a role lets assume it."""
    trust = [
        statement
        for statement in statements(stack)
        if statement.owner == role and statement.is_trust and statement.effect == "Allow"
    ]
    return [name for statement in trust for _, name in statement.principals]


def _is_service(name: str) -> bool:
    """Tell whether a principal is CloudFormation, by its name everywhere or in one region."""
    return name.startswith("cloudformation.") and name.removesuffix(".cn").endswith(".amazonaws.com")


def deploying_statements(stack: Stack) -> tuple[Statement, ...]:
    """Return what the policies of such roles state, trust left out."""
    granted = of_roles(stack)
    return tuple(statement for role in deploying_roles(stack) for statement in granted.get(role, ()))


def of_chains(stack: Stack) -> Iterator[Need]:
    """Give what such a role needs of those that trust it: to assume them."""
    for role, users in deploying_roles(stack).items():
        own = stack.evaluator.references.attribute(role, "Arn")
        path = next(statement.path for statement in statements(stack) if statement.owner == role and statement.is_trust)
        yield from (Need(user, ASSUME, own, f"{role}, which trusts it,", path) for user in users if user)
