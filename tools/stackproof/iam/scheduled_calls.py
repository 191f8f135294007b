"""What EventBridge Scheduler needs of a role for a call of any operation, which its target's ARN names.

Source: EventBridge Scheduler User Guide, "Using universal targets in EventBridge Scheduler".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.aws.arn import covers
from stackproof.aws.sdk_services import allowing
from stackproof.code.state_machines import State
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.values import as_mapping
from stackproof.iam.integrations import Access, Integration, UnknownCallError, sdk_accesses, universal
from stackproof.iam.need import Need
from stackproof.iam.statements import of_roles


def of_scheduled_call(stack: Stack, role: str, logical: str, target: Mapping[str, Any], path: Path) -> Iterator[Need]:
    """Give what a call needs; nothing where no such operation is known, which scheduled_calls_exist says."""
    called = universal(str(target.get("Arn")))
    if called is None:
        return
    state = State(logical, {"Parameters": as_mapping(target.get("Input"))}, {}, (), "JSONPath")
    try:
        accesses = list(sdk_accesses(stack, state, called, ""))
    except UnknownCallError:
        accesses = list(_as_granted(stack, role, called))
    for access in accesses:
        yield Need(role, access.action, access.resource, f"the target of {logical}", path)


def _as_granted(stack: Stack, role: str, called: Integration) -> Iterator[Access]:
    """Give the actions of a call whose arguments do not tell what it is on: on what the role may do them on."""
    held = [statement for statement in of_roles(stack).get(role, ()) if statement.effect == "Allow"]
    for action in allowing(called.service, called.operation):
        resources = [
            resource
            for statement in held
            if any(covers(pattern, action.spelling, fold=True) for pattern in statement.actions)
            for resource in statement.resources
        ]
        yield from (Access(action.spelling, resource) for resource in resources or ["*"])
