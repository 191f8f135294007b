"""What a resource hands its work to, is read by or encrypted with stands in its own region, where AWS takes no other.

Most services look up by ARN what is in their region alone: a consumer's stream, the topic of an alarm or of a bucket,
a dead-letter queue, a key, a layer, a certificate of a balancer. An ARN of the other region is refused when the
resource is created, or the message is lost. An event bus may be elsewhere; the rule that sends to it needs a role.
Nothing at all is reached in another partition, as from AWS GovCloud by an ARN that begins with arn:aws.
Source: of each property, its row in the table regions of stackproof.aws.data
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack
from stackproof.topology.regional import Regional, elsewhere, in_own_region
from stackproof.topology.texts import texts_of

APPLIES_TO = ("Resources",)
PARTITION = re.compile(r"\barn:(aws[a-z-]*):[a-z0-9-]+:")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for one in in_own_region(stack):
            region = elsewhere(stack, deployment.other(stack), one)
            if region and is_bus(one.value):
                if "RoleArn" not in one.beside:
                    message = f"{one.logical} sends to {one.value} in {region} without a RoleArn"
                    yield stack.finding(one.path, message, "give the target a RoleArn that may put events there")
            elif region:
                yield stack.finding(one.path, message_of(stack, one, region), fix_of(one))
        yield from beyond(stack)


def beyond(stack: Stack) -> Iterator[Finding]:
    """Find ARNs of another partition than the stack's."""
    own = stack.scenario.partition.name
    for path, text in texts_of(stack):
        there = next((one for one in PARTITION.findall(text) if one != own), None) if "arn:" in text else None
        if there:
            message = f"{path[1]} names what begins with arn:{there}, and the stack is in the partition {own}"
            yield stack.finding(path, message, "write ${AWS::Partition} for the partition, in Fn::Sub")


def is_bus(value: str) -> bool:
    return value.startswith("arn:") and ":event-bus/" in value


def message_of(stack: Stack, one: Regional, region: str) -> str:
    kind = stack.resources[one.logical]["Type"]
    return (
        f"{one.logical} has {one.value} as {one.key}, which is in {region}: {kind} takes only what is in {one.region}"
    )


def fix_of(one: Regional) -> str:
    return f"name one of {one.region}, by Ref, Fn::GetAtt or with AWS::Region"
