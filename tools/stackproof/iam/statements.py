"""The statements of every policy in a resolved stack, and the roles that they belong to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from stackproof.aws.managed_policies import managed_policy
from stackproof.evaluation.resource import once_of_alike
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list, properties_path

AS_TEXT = ("Document", "Policy", "PolicyText")
"""How properties end that hold a policy, which may be written as a text of JSON."""
TRUST = "AssumeRolePolicyDocument"


class Statement(NamedTuple):
    """One statement: `owner` is the resource that holds the policy, `path` where it stands in the stack.

    `principals` holds pairs of kind and name ("Service", "sns.amazonaws.com"; "*" alone is ("*", "*")). `stated` is the
    statement as it stands. One of a managed policy of AWS has its ARN in `managed`; its owner is the role, and its path
    where the role attaches it.
    """

    owner: str
    path: Path
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]
    principals: tuple[tuple[str, str], ...]
    is_trust: bool
    managed: str = ""
    stated: Mapping[str, Any] = MappingProxyType({})

    def action_path(self, action: str) -> Path:
        """Return the path of an action in this statement."""
        return (*self.path, "Action", self.actions.index(action)) if len(self.actions) > 1 else (*self.path, "Action")

    def services(self) -> list[str]:
        return [name for kind, name in self.principals if kind == "Service"]


@memoised
def statements(stack: Stack) -> tuple[Statement, ...]:
    """Return the statements of all policies of a resolved stack: of identities, of resources, of trust."""
    found: list[Statement] = []
    for logical, resource in stack.resources.items():
        if resource["Type"] == "AWS::CloudFormation::CustomResource" or resource["Type"].startswith("Custom::"):
            continue
        found += _of_resource(resource, logical)
    return tuple(found)


def statements_of(stack: Stack, owner: str) -> tuple[Statement, ...]:
    """Return the statements of the policies that a resource holds."""
    return _by_owner(stack).get(owner, ())


@memoised
def _by_owner(stack: Stack) -> Mapping[str, tuple[Statement, ...]]:
    return {owner: tuple(found) for owner, found in groupby(statements(stack), key=attrgetter("owner"))}


@once_of_alike
def _of_resource(resource: Mapping[str, Any], logical: str) -> tuple[Statement, ...]:
    return tuple(_below(logical, resource.get("Properties", {}), properties_path(logical)))


def _below(owner: str, value: Any, path: Path) -> Iterator[Statement]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Statement":
                for index, statement in enumerate(item if isinstance(item, list) else [item]):
                    if isinstance(statement, dict) and "Effect" in statement:
                        where = (*path, key, index) if isinstance(item, list) else (*path, key)
                        yield _read(owner, statement, where)
            elif key.endswith(AS_TEXT) and isinstance(item, str):
                yield from _below(owner, _parsed(item), (*path, key))
            else:
                yield from _below(owner, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _below(owner, item, (*path, index))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _read(owner: str, statement: Mapping[str, Any], path: Path) -> Statement:
    principal = statement.get("Principal", {})
    pairs = [("*", "*")] if principal == "*" else []
    if isinstance(principal, dict):
        pairs = [(kind, str(name)) for kind, names in principal.items() for name in as_list(names)]
    return Statement(
        owner,
        path,
        str(statement["Effect"]),
        tuple(str(action) for action in as_list(statement.get("Action", ()))),
        tuple(str(resource) for resource in as_list(statement.get("Resource", ()))),
        statement.get("Condition", {}),
        tuple(pairs),
        TRUST in path,
        stated=statement,
    )


@memoised
def of_roles(stack: Stack) -> Mapping[str, tuple[Statement, ...]]:
    """Return what the policies of each of a stack's roles say, by the role's logical id; trust left out.

    They are the stack's own, and AWS's managed ones as far as they are known; the others are `unread_policies`.
    """
    names = {stack.evaluator.references.ref(logical): logical for logical, _ in stack.of_type("AWS::IAM::Role")}
    granted: dict[str, list[Statement]] = {logical: [] for logical in names.values()}
    for statement in statements(stack):
        if statement.is_trust:
            continue
        if statement.owner in granted:
            granted[statement.owner].append(statement)
        for name in _attached(stack.resources[statement.owner]):
            if name in names:
                granted[names[name]].append(statement)
    for logical, properties in stack.of_type("AWS::IAM::Role"):
        arns = properties.get("ManagedPolicyArns", [])
        owned = {
            stack.evaluator.references.ref(policy_id): policy_id
            for policy_id, _ in stack.of_type("AWS::IAM::ManagedPolicy")
        }
        for policy in [owned[arn] for arn in arns if arn in owned]:
            granted[logical] += statements_of(stack, policy)
        for path, arn in attached_policies(stack, logical):
            granted[logical] += _managed(logical, path, arn)
    return {logical: tuple(found) for logical, found in granted.items()}


def attached_policies(stack: Stack, role: str) -> Iterator[tuple[Path, str]]:
    """Give the managed policies of a role that do not stand in the stack, by their ARNs, and where each is attached."""
    own = {stack.evaluator.references.ref(policy) for policy, _ in stack.of_type("AWS::IAM::ManagedPolicy")}
    for index, arn in enumerate(stack.resources[role].get("Properties", {}).get("ManagedPolicyArns", [])):
        if arn not in own:
            yield properties_path(role, "ManagedPolicyArns", index), str(arn)


def unread_policies(stack: Stack, role: str) -> Iterator[tuple[Path, str]]:
    """Give those of them that are not known: what they allow the role is not among its statements."""
    return ((path, arn) for path, arn in attached_policies(stack, role) if managed_policy(arn) is None)


@cache
def _managed(role: str, path: Path, arn: str) -> tuple[Statement, ...]:
    policy = managed_policy(arn)
    listed = as_list(policy["Statement"]) if policy else ()
    return tuple(_read(role, statement, path)._replace(managed=arn) for statement in listed)


def _attached(resource: Mapping[str, Any]) -> list[str]:
    """Return the names of the roles that a policy resource is attached to."""
    properties = resource.get("Properties", {})
    if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        return [str(name) for name in properties.get("Roles", [])]
    return [str(properties.get("RoleName"))] if resource["Type"] == "AWS::IAM::RolePolicy" else []
