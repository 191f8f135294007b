"""What a role lacks of what its users need, as far as its policies and its users are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from stackproof.aws.arn import covers
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Findings
from stackproof.iam.callers import context_of
from stackproof.iam.conditions import holds
from stackproof.iam.need import Need
from stackproof.iam.service_needs import BY_MANAGED_POLICY, uses
from stackproof.iam.statements import Statement, unread_policies


def unknown_needs(role: str, unknown: Iterable[CannotTell]) -> Iterator[CannotTell]:
    """Give an error for each reason why not all is known that a role is needed for."""
    for why in unknown:
        yield CannotTell(f"what {role} needs is not wholly known: {why.message}", why.place, why.fix)


def unread(stack: Stack, role: str) -> Iterator[CannotTell]:
    """Give an error for each policy of a role whose actions are not known, unless its users need that one."""
    if not kinds_of_users(stack, role) <= set(BY_MANAGED_POLICY):
        for path, policy in unread_policies(stack, role):
            message = f"what {policy} allows {role} is not known"
            yield stack.cannot_tell(path, message, "write its actions into the role")


def kinds_of_users(stack: Stack, role: str) -> set[str]:
    """Return the types of what uses a role."""
    return {stack.resources[use.logical]["Type"] for use in uses(stack)[role]}


def lacking(stack: Stack, held: Sequence[Statement], wanted: Iterable[Need]) -> Findings:
    """Find what is needed of a role and not allowed; give an error for conditions of which it is not known."""
    for need in wanted:
        outcomes = [
            holds(statement.conditions, need.request(stack))
            for statement in held
            if statement.effect == "Allow" and concerns(statement, need)
        ]
        known = context_of(stack, need)
        denied = any(
            statement.effect == "Deny" and concerns(statement, need) and holds(statement.conditions, known) is True
            for statement in held
        )
        if True in outcomes and not denied:
            continue
        if None in outcomes and not denied:
            message = f"whether the conditions on {need.action} in {need.role} hold is not known"
            yield stack.cannot_tell(need.path, message, "write conditions on keys that the request is known to have")
            continue
        how = "denies" if denied else "allows only under other conditions" if outcomes else "does not allow"
        yield need.finding(
            stack,
            f"{need.role} {how} {need.action} on {need.covers()}, which {need.why} needs",
            f"allow {need.action} on exactly this resource in {need.role}",
        )


def concerns(statement: Statement, need: Need) -> bool:
    """Tell whether a statement is about what is needed."""
    return any(covers(action, need.action, fold=True) for action in statement.actions) and any(
        covers(resource, need.covers()) for resource in statement.resources
    )
