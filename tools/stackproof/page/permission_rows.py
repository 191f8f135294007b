"""What CloudFormation needs to deploy two stacks, type by type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackproof.evaluation.deployment import Deployment
from stackproof.permissions.documents import covering
from stackproof.permissions.handlers import OPERATIONS
from stackproof.permissions.required import Required, Unknown, requirements
from stackproof.permissions.widening import Width


class PermissionRow(NamedTuple):
    """Actions that a type of resource needs on the same resources; `known` is false where nothing is known of it."""

    kind: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    known: bool = True


def permission_rows(deployment: Deployment) -> list[PermissionRow]:
    """Return what is needed for all operations, in any region, by type."""
    found = requirements(deployment.stacks, OPERATIONS)
    kinds = sorted({need.reason.kind for need in found if isinstance(need, Required)})
    unknown = [PermissionRow(need.kind, (), (), known=False) for need in found if isinstance(need, Unknown)]
    needed = [need for need in found if isinstance(need, Required)]
    return [*unknown, *(row for kind in kinds for row in _rows(kind, needed))]


def _rows(kind: str, needed: list[Required]) -> Iterator[PermissionRow]:
    own = [need for need in needed if need.reason.kind == kind]
    widths = dict.fromkeys({need.action.partition(":")[0] for need in own}, Width.REGIONS)
    on: dict[tuple[str, ...], list[str]] = {}
    for (action, conditions), arns in covering(own, widths).items():
        only = tuple(f"{key} = {' or '.join(values)}" for key, values in conditions if key.startswith("iam:"))
        on.setdefault((*arns, *only), []).append(action)
    for resources, actions in sorted(on.items()):
        yield PermissionRow(kind, tuple(sorted(actions)), resources)
