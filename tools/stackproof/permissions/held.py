"""The policies that a file holds: a document, a list of them, a role, or a template with a role for CloudFormation.

What the AWS CLI prints of a policy (`PolicyDocument`, `PolicyVersion`) is read as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Place
from stackproof.foundation.values import as_list
from stackproof.iam.deploying_roles import deploying_roles
from stackproof.iam.simulation import Policy, policies
from stackproof.iam.statements import unread_policies
from stackproof.template.loader import load_document, parse

ROLE = "AWS::IAM::Role"
WRAPPED = ("PolicyVersion", "PolicyDocument", "Document", "Policy")
FIX = "give a policy document, a list of them, a role of a template, or a template"


def held(path: str, scenarios: Sequence[Scenario]) -> tuple[Policy, ...]:
    """Return the policies of a file; `path` may name a role of a template: FILE#LOGICALID.

    A template is worked out for the first of the scenarios in which it has such a role.
    """
    file, _, named = path.partition("#")
    document = load_document(file)
    value = _unwrapped(document.value)
    if isinstance(value, Mapping) and "Resources" in value:
        return _of_template(parse(document.text, file), named, scenarios)
    if isinstance(value, Mapping) and (value.get("Type") == ROLE or "AssumeRolePolicyDocument" in value):
        properties = value.get("Properties", value)
        wrapped = {"Resources": {"Role": {"Type": ROLE, "Properties": properties}}}
        return _of_template(parse(json.dumps(wrapped), file), "Role", scenarios)
    return tuple(_document(_unwrapped(document), file) for document in as_list(value))


def _unwrapped(value: Any) -> Any:
    """Take a document out of what the AWS CLI prints around it."""
    while isinstance(value, Mapping) and "Statement" not in value:
        inner = next((value[name] for name in WRAPPED if isinstance(value.get(name), Mapping)), None)
        if inner is None:
            break
        value = inner
    return value


def _document(value: Any, file: str) -> Policy:
    statements = as_list(value.get("Statement", [])) if isinstance(value, Mapping) else []
    for statement in statements:
        if not isinstance(statement, Mapping) or not {"Effect"} < set(statement):
            raise CannotTell("a statement is a mapping with Effect, Action and Resource", Place(file, 1, 1), FIX)
    if not statements:
        raise CannotTell("there is no policy: no Statement", Place(file, 1, 1), FIX)
    return Policy(tuple(statements), value.get("Version", "2008-10-17"))


def _of_template(template: Document, named: str, scenarios: Sequence[Scenario]) -> tuple[Policy, ...]:
    for scenario in scenarios:
        stack = resolve(template, scenario)
        found = [named] if named in stack.resources else [] if named else _roles(stack)
        if len(found) > 1:
            message = f"CloudFormation deploys in the roles {' and '.join(found)}"
            raise CannotTell(message, Place(template.path, 1, 1), f"name one: {template.path}#{found[0]}")
        if found:
            for _, arn in unread_policies(stack, found[0]):
                raise CannotTell(f"what {arn} allows {found[0]} is not known", Place(template.path, 1, 1), FIX)
            return policies(stack).get(found[0], ())
    message = f"no scenario has the role {named}" if named else "no scenario has a role in which CloudFormation deploys"
    raise CannotTell(message, Place(template.path, 1, 1), FIX)


def _roles(stack: Stack) -> list[str]:
    """Return the roles in which CloudFormation deploys: the last of those that are assumed one after the other."""
    chains = deploying_roles(stack)
    first = {user for users in chains.values() for user in users if user}
    return [role for role in chains if role not in first]
