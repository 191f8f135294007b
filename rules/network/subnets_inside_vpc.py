"""Every VPC and subnet has a block of a size that AWS takes, and every subnet lies inside its VPC.

A block larger than /16 or smaller than /28, or a subnet outside its VPC, is refused while the stack is created, after
everything before it is already there. Blocks that are cut out of a parameter go wrong for some of its values only.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.topology.network import block, fits_vpc

APPLIES_TO = ("AWS::EC2::VPC", "AWS::EC2::Subnet")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::EC2::VPC", "AWS::EC2::VPCCidrBlock", "AWS::EC2::Subnet"):
            cidr = block(properties.get("CidrBlock"))
            if cidr and not fits_vpc(cidr):
                message = f"{logical} has {cidr}: a block has /16 at the largest and /28 at the smallest"
                yield stack.finding(properties_path(logical, "CidrBlock"), message, "give it another size")
        blocks = blocks_of_vpcs(stack)
        for logical, properties in stack.of_type("AWS::EC2::Subnet"):
            cidr, vpc = (
                block(properties.get("CidrBlock")),
                resources_by_name(stack, "AWS::EC2::VPC").get(properties.get("VpcId", "")),
            )
            if cidr and vpc and blocks[vpc] and not any(cidr.subnet_of(vpc_block) for vpc_block in blocks[vpc]):
                whole = ", ".join(map(str, blocks[vpc]))
                message = f"{logical} has {cidr}, which is not inside {whole} of {vpc}"
                fix = "cut the subnet out of its VPC's block"
                yield stack.finding(properties_path(logical, "CidrBlock"), message, fix)


def blocks_of_vpcs(stack: Stack) -> dict[str, list[IPv4Network]]:
    """Return the blocks of each VPC, those added to it included."""
    vpcs = resources_by_name(stack, "AWS::EC2::VPC")
    found: dict[str, list[IPv4Network]] = {logical: [] for logical in vpcs.values()}
    for logical, properties in stack.of_type("AWS::EC2::VPC", "AWS::EC2::VPCCidrBlock"):
        cidr = block(properties.get("CidrBlock"))
        owner = logical if logical in found else vpcs.get(properties.get("VpcId", ""))
        if cidr and owner:
            found[owner].append(cidr)
    return found
