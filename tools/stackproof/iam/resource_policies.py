"""The policies on resources, and what they deny, or do not allow, to a caller of which much is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.aws.arn import covers, overlap
from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list
from stackproof.iam.conditions import Context, holds
from stackproof.iam.statements import Statement, statements
from stackproof.topology.resource_index import resources_of

ATTACHED: Mapping[str, str] = {
    "AWS::Events::EventBusPolicy": "EventBusName",
    "AWS::Kinesis::ResourcePolicy": "ResourceArn",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
}
"""The types that put a policy on another resource, and the property that names it. Source: CloudFormation Template
Reference of each type."""


BY_TLS: Context = {"aws:SecureTransport": "true"}


class Request(NamedTuple):
    """An action on a resource, and who asks: "AWS" and a role's ARN, or "Service" and its name."""

    action: str
    resource: str
    caller: tuple[str, str]
    context: Context


@memoised
def policies_on(stack: Stack) -> Mapping[str, tuple[Statement, ...]]:
    """Return the statements of the policies on each resource of a stack, by its logical id.

    Left out is what denies requests without TLS alone: nothing that is worked out here makes any.
    """
    found: dict[str, list[Statement]] = {}
    for statement in statements(stack):
        if statement.is_trust or not ({"Principal", "NotPrincipal"} & statement.stated.keys()):
            continue
        if statement.effect == "Deny" and holds(statement.conditions, BY_TLS) is False:
            continue
        resource = stack.resources[statement.owner]
        name = ATTACHED.get(resource["Type"])
        named = as_list(resource.get("Properties", {}).get(name, [])) if name else []
        owners = (
            [logical for text in named for logical in resources_of(stack, str(text))] if name else [statement.owner]
        )
        for owner in owners:
            found.setdefault(owner, []).append(statement)
    return {owner: tuple(policy) for owner, policy in found.items()}


def denied_by(policy: Iterable[Statement], request: Request) -> Statement | None:
    """Return the statement that denies a request for certain; None if none does."""
    for statement in policy:
        concerned = statement.effect == "Deny" and _is_for(statement, request) and _caller(statement, request)
        if concerned and holds(statement.conditions, request.context) is True:
            return statement
    return None


def may_be_allowed(policy: Sequence[Statement], request: Request, *, wide: bool = False) -> bool:
    """Tell whether a statement allows a request, as far as is known.

    With `wide` the request is a pattern, of which a statement may allow a part.
    """
    return any(
        statement.effect == "Allow"
        and _is_for(statement, request, wide=wide)
        and _caller(statement, request)
        and holds(statement.conditions, request.context) is not False
        for statement in policy
    )


def _is_for(statement: Statement, request: Request, *, wide: bool = False) -> bool:
    """Tell whether a statement is for the action on the resource: named, or not excepted."""
    stated = statement.stated
    match = overlap if wide else covers
    if "NotAction" in stated:
        action = not any(covers(str(each), request.action, fold=True) for each in as_list(stated["NotAction"]))
    else:
        action = any(covers(each, request.action, fold=True) for each in statement.actions)
    if "NotResource" in stated:
        return action and not any(overlap(str(each), request.resource) for each in as_list(stated["NotResource"]))
    # A policy on a key, a topic or a queue may leave the resource out, or say "*": it is its own.
    return action and (not statement.resources or any(match(each, request.resource) for each in statement.resources))


def _caller(statement: Statement, request: Request) -> bool:
    """Tell whether a statement is for the caller."""
    if "NotPrincipal" in statement.stated:
        excepted = [*_principals(statement.stated["NotPrincipal"])]
        # An account among the exceptions does not except its roles. Source: IAM User Guide, "NotPrincipal".
        roles = [(kind, name) for kind, name in excepted if not re.search(r"^[0-9]{12}$|:root$", name)]
        return not any(_is(request, kind, name) for kind, name in roles)
    return any(_is(request, kind, name) for kind, name in statement.principals)


def _principals(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for kind, names in value.items():
            yield from ((kind, str(name)) for name in as_list(names))
    else:
        yield "*", str(value)


def _is(request: Request, kind: str, name: str) -> bool:
    """Tell whether a principal is the caller: anybody, the role, its whole account, the service."""
    own, caller = request.caller
    if name == "*":
        return kind in ("*", "AWS")  # of a resource's policy both are everyone, services too
    if kind != own:
        return False
    account = caller.split(":")[4] if caller.startswith("arn:") else ""
    return name == caller or (own == "AWS" and (name == account or name.endswith(f"::{account}:root")))
