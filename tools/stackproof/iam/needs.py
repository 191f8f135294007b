"""What each role of a stack must allow: the one place that asks all that knows of needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised
from stackproof.iam.code_needs import of_code
from stackproof.iam.deploying_roles import of_chains
from stackproof.iam.kms_needs import of_keys
from stackproof.iam.lambda_needs import of_functions, of_mappings
from stackproof.iam.need import Need, UnknownNeed
from stackproof.iam.service_needs import of_services
from stackproof.iam.workflow_needs import of_workflows

SOURCES: tuple[Callable[[Stack], Iterator[Need | UnknownNeed]], ...] = (
    of_code,
    of_functions,
    of_mappings,
    of_services,
    of_chains,
    of_workflows,
)
"""What gives needs: each function yields what a stack's resources need, and UnknownNeed of a role where it cannot tell
(`need.of_role` makes one of a CannotTell that is raised). A new source is a line here."""


class RoleNeeds(NamedTuple):
    """What one role must allow, and why that may not be all."""

    known: tuple[Need, ...]
    unknown: tuple[CannotTell, ...]


@memoised
def needs_of(stack: Stack) -> Mapping[str, RoleNeeds]:
    """Return what each role of a stack must allow, by the role's logical id."""
    found: list[Need | UnknownNeed] = [need for source in SOURCES for need in source(stack)]
    found += of_keys(stack, [need for need in found if isinstance(need, Need)])
    return {
        role: RoleNeeds(
            tuple(need for need in found if isinstance(need, Need) and need.role == role),
            tuple(need.why for need in found if isinstance(need, UnknownNeed) and need.role == role),
        )
        for role, _ in stack.of_type("AWS::IAM::Role")
    }
