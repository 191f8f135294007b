"""No two VPCs and no two subnets of the two regions share an address.

Peered VPCs whose blocks overlap cannot be routed to each other, and a peering request between them fails; two subnets
of one VPC that overlap fail while the stack is created. Unequal text is not enough: 10.0.0.0/8 holds 10.1.0.0/16.
Regions that neither stack connects, by a peering or a transit gateway, may use the same addresses.
Source: Amazon VPC Peering Guide, "VPC peering limitations"; Amazon VPC User Guide, "Subnet CIDR blocks".
pack: resilience
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import combinations

from stackproof.api import Deployment, Finding, Path, Stack, properties_path
from stackproof.aws.cidr import overlap
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::EC2::VPC", "AWS::EC2::Subnet")
CONNECTIONS = ("VPCPeeringConnection", "TransitGatewayAttachment", "TransitGatewayVpcAttachment", "VPNGateway")
FIX = "give each a block of its own"

Block = tuple[Stack, str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    networks = yield from sound_blocks(deployment, "AWS::EC2::VPC")
    apart = True
    for first, second in overlapping(networks):
        if first[0] is not second[0] and not connected(deployment):
            apart = False
            continue
        apart = apart and first[0] is second[0]
        yield finding(deployment, first, second)
    subnets = yield from sound_blocks(deployment, "AWS::EC2::Subnet")
    for first, second in overlapping(subnets):
        # Where the VPCs of the two regions overlap, that their subnets do goes without saying.
        if apart or first[0] is second[0]:
            yield finding(deployment, first, second)


def connected(deployment: Deployment) -> bool:
    """Tell whether either side may connect its VPC to others."""
    kinds = {f"AWS::EC2::{name}" for name in CONNECTIONS}
    return any(resource.get("Type") in kinds for resource in deployment.source.template.value["Resources"].values())


def sound_blocks(deployment: Deployment, kind: str) -> Generator[Finding, None, list[Block]]:
    """Give a finding for each block that is none, and return the others."""
    sound = []
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(kind):
            cidr = str(properties.get("CidrBlock", ""))
            if is_block(cidr):
                sound.append((stack, logical, cidr))
            elif cidr and not of_functions(cidr):  # else a pool gives the block, or only AWS knows it
                yield stack.finding(
                    at(logical), f"{logical} has {cidr!r}, which is no CIDR block", "write address/prefix"
                )
    return sound


def overlapping(blocks: list[Block]) -> Iterator[tuple[Block, Block]]:
    return ((first, second) for first, second in combinations(blocks, 2) if overlap(first[2], second[2]))


def is_block(cidr: str) -> bool:
    try:
        return overlap(cidr, cidr)
    except ValueError:
        return False


def at(logical: str) -> Path:
    return properties_path(logical, "CidrBlock")


def finding(deployment: Deployment, first: Block, other: Block) -> Finding:
    (stack, logical, cidr), (second, sibling, its) = first, other
    if stack is second:
        return stack.finding(at(sibling), f"{sibling} has {its}, which overlaps {cidr} of {logical}", FIX)
    where = f"{sibling} of {second.scenario.region}"
    return deployment.finding(
        stack, at(logical), f"{logical} of {stack.scenario.region} has {cidr}, which overlaps {its} of {where}", FIX
    )
