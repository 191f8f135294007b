"""A role trusts exactly the services that use it.

Whoever a role trusts may become it: a service too many is a way in, a service too few fails when it first runs, and a
role that nothing uses waits for the wrong user. Who uses a role is read from the resources that name it. No resource
names a role that CloudFormation makes stacks in: that trusts CloudFormation, or the role that assumes it, and no other.
A role that accounts or federated users alone may become, that a policy lets somebody pass or assume, or that is handed
on (in an output, a setting, to another stack), has its users elsewhere; so has one that a service finds by its name, or
is given by people. A function of which a distribution names a version runs at the edge, too.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html
Source: of each service that is given roles elsewhere, its row in the table services of stackproof.aws.data
pack: security
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from stackproof.api import Deployment, Finding, Findings, Path, Stack, properties_path
from stackproof.aws.data import facts
from stackproof.iam.deploying_roles import deploying_roles
from stackproof.iam.service_needs import trusts_others, uses
from stackproof.iam.statements import TRUST, Statement, statements
from stackproof.topology.edge import at_edge, versions_handed_on
from stackproof.topology.handed_on import handed_on
from stackproof.topology.resource_index import resources_of

APPLIES_TO = ("AWS::IAM::Role",)
EDGE = "edgelambda.amazonaws.com"


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for role, users in uses(stack).items():
            unknown = [use for use in users if not use.service]
            for use in unknown:
                kind = stack.resources[use.logical]["Type"]
                message = f"which service assumes {role} for {use.logical} is not known"
                yield stack.cannot_tell(use.path, message, f"add assumed_by to {kind} in aws/data/resource_types.yaml")
            if role in deploying_roles(stack) or unknown:
                continue
            by_service = {use.service: use.logical for use in users}
            if edge := [use.logical for use in users if use.logical in at_edge(stack)]:
                by_service[EDGE] = edge[0]
            yield from of_role(stack, role, by_service)


def of_role(stack: Stack, role: str, users: dict[str, str]) -> Iterator[Finding]:
    path: Path = properties_path(role, TRUST)
    trust = [
        statement
        for statement in statements(stack)
        if statement.owner == role and statement.is_trust and statement.effect == "Allow"
    ]
    if not users:
        if (
            role in handed_on(stack)
            or passed(stack, role)
            or (trusts_others(stack, role) and not any(statement.services() for statement in trust))
            or used_elsewhere(stack, role, trust)
        ):
            return
        yield stack.finding(("Resources", role), f"nothing uses the role {role}", "remove it, or use it")
        return
    trusted: set[str] = set()
    for statement in trust:
        for kind, name in statement.principals:
            short = re.sub(r"^logs\.[a-z0-9-]+\.(?=amazonaws)", "logs.", name.removesuffix(".cn"))
            if kind == "Service" and short in users and assumes(statement):
                trusted.add(short)
            elif kind != "Service" or name != EDGE or versions_handed_on(stack).isdisjoint(users.values()):
                yield stack.finding(
                    (*statement.path, "Principal"),
                    f"{role} trusts {name}, but only {' and '.join(users)} needs it",
                    f"trust {' and '.join(users)} alone, by sts:AssumeRole",
                )
    for service, logical in users.items():
        if service not in trusted:
            yield stack.finding(
                path, f"{role} does not trust {service}, which uses it for {logical}", f"let {service} assume it"
            )


def used_elsewhere(stack: Stack, role: str, trust: Sequence[Statement]) -> bool:
    """Tell whether a service that a role trusts finds it by its name, or is given its roles by people."""
    name = str(stack.resources[role].get("Properties", {}).get("RoleName", role))
    services = [service.partition(".")[0] for statement in trust for service in statement.services()]
    found_by = facts("services", "roles_by_name")
    return any(fnmatchcase(name, known) for service in services for known in found_by.get(service, ()))


def assumes(statement: Statement) -> bool:
    """Tell whether a statement is about sts:AssumeRole, in whatever case; IAM tells no cases of actions apart."""
    return any(action.lower() == "sts:assumerole" for action in statement.actions)


def passed(stack: Stack, role: str) -> bool:
    """Tell whether somebody may pass a role to a service, or assume it: a statement of another one says so."""
    acts = {"iam:passrole", "sts:assumerole"}
    return any(
        role in resources_of(stack, resource)
        for statement in statements(stack)
        if statement.effect == "Allow"
        and statement.owner != role
        and acts & {action.lower() for action in statement.actions}
        for resource in statement.resources
    )
