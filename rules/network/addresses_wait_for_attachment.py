"""Elastic addresses wait for the attachment of the internet gateway, those of NAT gateways too.

The guide asks it of an address that is associated with a VPC of the same template. An address that only a NAT gateway
names is mapped by that one, which waits by itself (routes_wait_for_attachment); the order at deletion is then written
twice, and does not depend on how the address is used tomorrow.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.topology.resource_index import waits_for

APPLIES_TO = ("AWS::EC2::EIP",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        every = [name for name, properties in stack.of_type("AWS::EC2::VPCGatewayAttachment") if "VpcId" in properties]
        for logical, _ in stack.of_type("AWS::EC2::EIP"):
            if every and not waits_for(stack, logical).intersection(every):
                message = f"{logical} does not wait for {' or '.join(every)}, which attaches the internet gateway"
                yield stack.finding(("Resources", logical), message, f"add DependsOn: {every[0]}")
