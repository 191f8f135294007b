"""No two resources claim what only one can have: in a region, in an account, in the world.

Names of buckets are one for the world, names of roles and dashboards one for an account whatever the region: two
stacks of one template collide unless such a name holds what tells the sides apart. Of other things there can be one
though they have no name, as of an identity provider by its URL, or the name stands a level down, as in policies of
CloudFront; and what AWS copies to other regions has its name there as well. The second stack to be created fails, or
quietly writes over what is the first one's.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html (dashboards are global)
Source: of each type, its row in the tables only_once and resource_types of stackproof.aws.data
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack
from stackproof.topology.claims import Claim, claims, name_property

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Iterator[Finding]:
    claimed: dict[tuple[str, ...], tuple[Stack, str]] = {}
    for stack in deployment.stacks:
        for claim in claims(stack):
            first, other = claimed.setdefault(claim.of(stack), (stack, claim.logical))
            if (first, other) != (stack, claim.logical):
                message = f"{of(stack, claim)}, as {other} of {first.scenario.region}"
                why = claim.why or f"{claim.where(stack)} there can be only one"
                yield stack.finding(claim.path, f"{message}, and {why}", fix_of(claim, first is stack))


def of(stack: Stack, claim: Claim) -> str:
    """Return what a claim says of its resource."""
    which = f"{claim.logical} of {stack.scenario.region}"
    if not claim.key:
        return f"{which} is the only {stack.resources[claim.logical]['Type']}"
    if claim.key == name_property(stack, claim.logical) or claim.key.endswith(".Name"):
        return f"{which} is named {claim.text!r}"
    return f"{which} has {claim.key.removesuffix('.*')} {claim.text!r}"


def fix_of(claim: Claim, alone: bool) -> str:
    if alone:
        return "rename one" if claim.key else "remove one"
    last = claim.key.rpartition(".")[2]
    free = (
        last.endswith(("Name", "Identifier", "Id")) and last not in ("DomainName", "AWSServiceName") and not claim.why
    )
    return "put the region into the name" if free else "create it in one of the stacks, by a Condition"
