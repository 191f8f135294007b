"""What a role is needed for: an action on a resource, and what asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from stackproof.code.inline import Inline
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Finding, Path
from stackproof.topology.resource_index import resource_of


@dataclass(frozen=True)
class Need:
    """An action on a resource that a role must allow.

    `resource` is the most that may be allowed, `least` what has to be; each an ARN or a pattern of ARNs.
    `context` holds the condition keys that are known of the request. `path`, and of a code the line, is where
    the need comes from.
    """

    role: str
    action: str
    resource: str
    why: str
    path: Path
    least: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    function: Inline | None = None
    line: int = 0
    optional: bool = False
    """Documented, and what asks for it works without: the whole of what it is for, or most of it."""

    def request(self, stack: Stack) -> Mapping[str, str]:
        """Return the condition keys of the request: those that are known of it, and those that every request has."""
        _, _, _, region, account, _ = [*self.covers().split(":", 5), *[""] * 6][:6]
        return {
            "aws:RequestedRegion": region or stack.scenario.region,
            "aws:ResourceAccount": account or stack.scenario.account,
            "aws:PrincipalAccount": stack.scenario.account,
            "aws:ViaAWSService": "true" if "kms:ViaService" in self.context else "false",
            **self.context,
        }

    def covers(self) -> str:
        return self.least or self.resource

    def finding(self, stack: Stack, message: str, fix: str) -> Finding:
        """Return a finding where the need comes from."""
        if self.function is not None:
            return self.function.finding(self.line, message, fix)
        return stack.finding(self.path, message, fix)


class UnknownNeed(NamedTuple):
    """That not all is known that a role must allow, and why."""

    role: str
    why: CannotTell


def of_role(role: str, needs: Iterator[Need]) -> Iterator[Need | UnknownNeed]:
    """Give the needs of one user of a role; where they raise CannotTell, an UnknownNeed of that role ends them."""
    try:
        yield from needs
    except CannotTell as error:
        yield UnknownNeed(role, error)


def role_of(stack: Stack, arn: Any) -> str:
    """Return the logical id of the role that an ARN or name is of, "" if it is none of the stack's."""
    return resource_of(stack, arn, "AWS::IAM::Role") or ""


def arn(stack: Stack, service: str, resource: str, region: str = "") -> str:
    """Return the ARN of a resource in the stack's account."""
    scenario = stack.scenario
    region = region or scenario.region
    return f"arn:{scenario.partition.name}:{service}:{region}:{scenario.account}:{resource}"
