"""What a resource hands its work to, is read by or encrypted with stands in its own region, where AWS takes no other.

Most services look up by ARN what is in their region alone: a consumer's stream, the topic of an alarm or of a bucket,
a dead-letter queue, a key, a layer, a certificate of a balancer. An ARN of the other region is refused when the
resource is created, or the message is lost; so is one with a wildcard, which policies alone take. An event bus may be
elsewhere; the rule that sends to it needs a role.
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
        for regional in in_own_region(stack):
            region = elsewhere(stack, deployment.other(stack), regional)
            if region and is_bus(regional.value) and regional.key != "EventBusName":
                if "RoleArn" not in regional.beside:
                    message = f"{regional.logical} sends to {regional.value} in {region} without a RoleArn"
                    yield stack.finding(regional.path, message, "give the target a RoleArn that may put events there")
            elif region:
                yield stack.finding(regional.path, message_of(stack, regional, region), fix_of(regional))
            elif "*" in regional.value.removesuffix(":*") and regional.value.startswith("arn:"):
                stated = f"{regional.logical} has the pattern {regional.value} as {regional.key}"
                yield stack.finding(regional.path, f"{stated}, which takes the ARN of one", fix_of(regional))
        yield from beyond(stack)


def beyond(stack: Stack) -> Iterator[Finding]:
    """Find ARNs of another partition than the stack's."""
    own = stack.scenario.partition.name
    for path, text in texts_of(stack):
        there = (
            next((partition for partition in PARTITION.findall(text) if partition != own), None)
            if "arn:" in text
            else None
        )
        if there:
            message = f"{path[1]} names what begins with arn:{there}, and the stack is in the partition {own}"
            yield stack.finding(path, message, "write ${AWS::Partition} for the partition, in Fn::Sub")


def is_bus(value: str) -> bool:
    return value.startswith("arn:") and ":event-bus/" in value


def message_of(stack: Stack, regional: Regional, region: str) -> str:
    kind = stack.resources[regional.logical]["Type"]
    stated = f"{regional.logical} has {regional.value} as {regional.key}, which is in {region}"
    return f"{stated}: {kind} takes only what is in {regional.region}"


def fix_of(regional: Regional) -> str:
    return f"name one of {regional.region}, by Ref, Fn::GetAtt or with AWS::Region"
