"""What CloudFormation must be allowed to deploy a resolved stack: each action, on which ARNs, for which resource.

Beside what handlers call: roles that are handed to services, service-linked roles, the service tokens of custom
resources, and what parameters and dynamic references read. Where an action knows no resource it is on `*`.
Source: CloudFormation User Guide, "CloudFormation service role", "Get values stored in other services using dynamic
references", "Supply existing values with AWS-specific and Systems Manager parameter types"; IAM User Guide, "Grant a
user permissions to pass a role to an AWS service", "Create a service-linked role".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from stackproof.aws.data import facts
from stackproof.aws.iam_actions import Action, action
from stackproof.code.custom_resources import is_custom
from stackproof.evaluation.dynamic_references import REFERENCE
from stackproof.evaluation.stack import Stack
from stackproof.foundation.values import as_list
from stackproof.iam.need import role_of
from stackproof.iam.service_needs import uses
from stackproof.iam.statements import statements
from stackproof.permissions.arn_patterns import filled, named_arns, own_arns, pattern, texts
from stackproof.permissions.handlers import Handled, Operation, handled, listed, prefix_of
from stackproof.template.parameters import declarations

OWNER = "aws:ResourceAccount"
PASS, LINK = "iam:PassRole", "iam:CreateServiceLinkedRole"
TO, NAMED = "iam:PassedToService", "iam:AWSServiceName"
ONLY_WHERE_NAMED = ("iam", "kms")
"""Services whose actions another type's handlers need only on what the resource names: a key of the account, a role.

What AWS's own keys may be used for is said by their key policies, for all of the account, through the service.
Source: AWS KMS Developer Guide, "AWS managed keys"; "Permissions for AWS services in key policies".
"""
Conditions = tuple[tuple[str, tuple[str, ...]], ...]


class Reason(NamedTuple):
    """What an action is for: a resource with its type, or what else it serves, and the operation."""

    logical: str
    kind: str
    operation: str


class Required(NamedTuple):
    """An action that must be allowed on an ARN or pattern, where condition keys equal one of their values."""

    action: str
    resource: str
    conditions: Conditions
    reason: Reason


class LeftOut(NamedTuple):
    """An action that a type's schema lists and that is not granted, and why."""

    kind: str
    action: str
    why: str


class Unknown(NamedTuple):
    """A resource of whose type nothing is known that CloudFormation calls."""

    logical: str
    kind: str


Found = Required | LeftOut | Unknown


def of_stack(stack: Stack, operations: Sequence[Operation]) -> Iterator[Found]:
    """Give what CloudFormation needs for the operations on a stack, and what is not granted or not known."""
    for logical, resource in stack.resources.items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if is_custom(kind):
            yield from _of_token(stack, logical, kind, properties, operations)
        elif listed(kind) is None:
            yield Unknown(logical, kind)
        else:
            yield from _of_resource(stack, logical, kind, handled(kind, properties, operations))
    yield from _passed(stack, operations)
    yield from _of_parameters(stack, operations)
    yield from _of_references(stack, operations)


def _of_resource(stack: Stack, logical: str, kind: str, found: Handled) -> Iterator[Found]:
    yield from (LeftOut(kind, name, why) for name, why in found.left_out)
    on: dict[tuple[str, bool], tuple[str, ...]] = {}
    for call in found.calls:
        reason = Reason(logical, kind, call.operation)
        known = action(call.action)
        if call.action == PASS or known is None:
            continue  # which roles go where is read from the properties
        if call.action == LINK:
            yield from _linked(stack, kind, reason)
            continue
        if (call.action, call.wild) not in on:
            on[call.action, call.wild] = narrowed(stack, logical, kind, known, wild=call.wild)
        arns = on[call.action, call.wild]
        if not arns and not call.wild:
            yield LeftOut(
                kind, call.action, "it names no role" if call.action.startswith("iam:") else "it names no key"
            )
        yield from (Required(call.action, arn, owned(arn, stack.scenario.account), reason) for arn in arns)


def owned(arn: str, account: str) -> Conditions:
    """Return the condition that a bucket is of an account, as its ARN does not say whose it is; none for other ARNs.

    Source: IAM User Guide, "AWS global condition context keys", aws:ResourceAccount.
    """
    return ((OWNER, (account,)),) if arn.startswith("arn:") and arn.split(":")[2:5] == ["s3", "", ""] else ()


def narrowed(stack: Stack, logical: str, kind: str, known: Action, *, wild: bool = False) -> tuple[str, ...]:
    """Return the ARNs that an action is on when it is called for a resource.

    What reads or tags is on the resource's own alone, if it knows its kind. What writes is also on resources of other
    kinds that it names, and where each request has one of a kind which it does not name by an ARN, on any of that kind
    in the account. A name with wildcards (`wild`) stands for what is on its own alone.
    """
    if not known.kinds:
        return () if wild else ("*",)
    own = _met(known, own_arns(stack, logical))
    if own and (wild or known.level != "Write"):
        return _distinct(own)
    if wild:
        return ()
    properties = stack.resources[logical].get("Properties", {})
    not_on = facts("permissions", "not_on").get(kind, {}).get(known.spelling, ())
    named = _met(known, named_arns(stack, logical))
    met = {name: own.get(name) or named.get(name, ()) for name, _ in known.kinds if name not in not_on}
    open_ = [name for name in known.required if name in met and not met[name]]
    service = known.name.partition(":")[0]
    if service in ONLY_WHERE_NAMED and service != prefix_of(kind) and not any(met.values()):
        return ()
    if not any(met.values()) and not open_:
        open_ = [*met]
    any_ = {name: tuple(filled(stack, form, properties) for form in dict(known.kinds)[name]) for name in open_}
    return _distinct({**met, **any_})


@cache
def _met(known: Action, arns: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return of ARNs those that an action knows, by their kind."""
    services = _services(known)
    near = [arn for arn in arns if services.intersection(("*", arn.split(":")[2]))]
    if not near:
        return {}
    found = {name: tuple(met for arn in near for met in known.narrowed_to(name, arn)) for name, _ in known.kinds}
    return {name: some for name, some in found.items() if some}


@cache
def _services(known: Action) -> frozenset[str]:
    """Return the services whose ARNs an action knows, `*` for some that its forms leave open."""
    named = {form.split(":")[2] for _, forms in known.kinds for form in forms}
    return frozenset("*" if "$" in service else service for service in named)


def _distinct(found: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(arn for some in found.values() for arn in some))


def _linked(stack: Stack, kind: str, reason: Reason) -> Iterator[Required]:
    """Give what makes the service-linked roles of a type: of one without a row, the role of any service."""
    scenario = stack.scenario
    start = f"arn:{scenario.partition.name}:iam::{scenario.account}:role/aws-service-role"
    for service in facts("permissions", "linked_roles").get(kind, ()):
        yield Required(LINK, f"{start}/{service}/*", ((NAMED, (service,)),), reason)
    if kind not in facts("permissions", "linked_roles"):
        yield Required(LINK, f"{start}/*", (), reason)


def _of_token(
    stack: Stack, logical: str, kind: str, properties: Mapping[str, Any], operations: Sequence[Operation]
) -> Iterator[Required]:
    """Give what calls a custom resource's service token: a function, or a topic."""
    token = pattern(stack, str(properties.get("ServiceToken", "*")))
    calls = {"lambda": ("lambda:InvokeFunction",), "sns": ("sns:Publish",)}
    names = calls.get(token.split(":")[2] if token.startswith("arn:") else "", ("lambda:InvokeFunction", "sns:Publish"))
    for operation in operations:
        yield from (Required(name, token, (), Reason(logical, kind, operation)) for name in names)


def _passed(stack: Stack, operations: Sequence[Operation]) -> Iterator[Required]:
    """Give the roles that resources hand to services, each to the services that the resource's type hands it to.

    Where a type is not known to, it is those that the role's trust names. What a state machine passes on when it runs
    is passed by its own role, not here.
    """
    wanted = [operation for operation in operations if operation != "delete"]
    for role, users in uses(stack).items():
        trust = (statement for statement in statements(stack) if statement.owner == role and statement.is_trust)
        trusted = {name for statement in trust for name in statement.services()}
        for use in users:
            if {"Definition", "DefinitionString", "DefinitionSubstitutions"}.intersection(map(str, use.path)):
                continue
            services = tuple(sorted({use.service} if use.service else trusted))
            yield from _to(stack, own_arns(stack, role), services, use.logical, wanted)
    for logical, resource in stack.resources.items():
        kind = resource["Type"]
        foreign = [
            text for text in texts(resource.get("Properties", {})) if _is_role(text) and not role_of(stack, text)
        ]
        service = facts("resource_types", "assumed_by").get(kind)
        if foreign and service and not kind.startswith("AWS::IAM::"):
            yield from _to(stack, [pattern(stack, role_arn) for role_arn in foreign], (service,), logical, wanted)


def _is_role(text: str) -> bool:
    fields = text.split(":", 5)
    return len(fields) == 6 and fields[2] == "iam" and fields[5].startswith("role/")


def _to(
    stack: Stack, arns: Sequence[str], services: tuple[str, ...], logical: str, operations: Sequence[Operation]
) -> Iterator[Required]:
    conditions: Conditions = ((TO, services),) if services else ()
    for operation in operations:
        reason = Reason(logical, stack.resources[logical]["Type"], operation)
        yield from (Required(PASS, arn, conditions, reason) for arn in dict.fromkeys(arns))


def _of_parameters(stack: Stack, operations: Sequence[Operation]) -> Iterator[Required]:
    """Give what reads the values of parameters of Systems Manager's types; AWS's own are in no account."""
    declared = declarations(stack.template)
    for name, declaration in declared.items():
        if declaration.kind.startswith("AWS::SSM::Parameter::"):
            value = stack.scenario.parameters.get(name, declaration.default)
            yield from _stored(stack, str(value), f"parameter {name}", operations)


def _stored(stack: Stack, name: str, what: str, operations: Sequence[Operation]) -> Iterator[Required]:
    scenario = stack.scenario
    account = "" if name.startswith("/aws/service/") else scenario.account
    arn = f"arn:{scenario.partition.name}:ssm:{scenario.region}:{account}:parameter/{name.removeprefix('/')}"
    for operation in (operation for operation in operations if operation != "delete"):
        yield Required("ssm:GetParameters", pattern(stack, arn), (), Reason(what, "template", operation))


def _of_references(stack: Stack, operations: Sequence[Operation]) -> Iterator[Required]:
    """Give what reads the values of dynamic references."""
    scenario = stack.scenario
    for logical, resource in stack.resources.items():
        for text in texts(resource.get("Properties", {})):
            for found in REFERENCE.finditer(text):
                key, what = found["key"], f"{logical}, {{{{resolve:{found['service']}:…}}}}"
                if found["service"].startswith("ssm"):
                    yield from _stored(stack, key.partition(":")[0], what, operations)
                    continue
                arn = f"arn:{scenario.partition.name}:secretsmanager:{scenario.region}:{scenario.account}:secret:"
                arn = ":".join(key.split(":")[:7]) if key.startswith("arn:") else f"{arn}{key.split(':')[0]}-??????"
                for operation in (operation for operation in operations if operation != "delete"):
                    reason = Reason(what, resource["Type"], operation)
                    yield Required("secretsmanager:GetSecretValue", pattern(stack, arn), (), reason)


def requirements(stacks: Sequence[Stack], operations: Sequence[Operation]) -> tuple[Found, ...]:
    """Return what all of several stacks need, each thing once."""
    return tuple(dict.fromkeys(found for stack in stacks for found in of_stack(stack, as_list(operations))))
