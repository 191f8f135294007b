"""The target can be created first: what the source creates is not needed there while the stack is created.

The target's stack comes first, then the source's, then the target's again with the id of the peering. AWS looks most
of what a property names up while it creates the resource: a bucket to replicate to, a topic to subscribe to, a
principal of a policy. Elsewhere (what policies allow, dashboards, settings of functions) it may be yet to come; and a
parameter whose default leaves the need out may be set once both stacks are there. Where the configuration does not say
what is `external`, either stack may be the first, and only what each needs of the other is found.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.topology.required_names import as_first_created, required_names

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Iterator[Finding]:
    second = deployment.source
    if deployment.external is None and not any(required_names(second, deployment.target)):
        return  # nobody says that the target is first: the source may be
    first = as_first_created(deployment.target, second)
    for path, name in required_names(first, second):
        message = f"{path[1]} needs {name} of {second.scenario.region}, whose stack is created after it"
        yield first.finding(path, message, "let the source point to the target, or hand the name over later")
