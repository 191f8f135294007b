"""What needs an attached internet gateway waits for its attachment: routes to it, NAT gateways, mapped addresses.

CloudFormation sees no reference between a route and the attachment of the gateway that it names, creates both at once,
and fails every now and then; at deletion the gateway cannot be detached while an address is still mapped. An address
that is only allocated waits for nothing (addresses_wait_for_attachment asks for more).
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Stack, resources_by_name
from stackproof.topology.network import attachments, vpc_of
from stackproof.topology.resource_index import waits_for

APPLIES_TO = ("AWS::EC2::VPCGatewayAttachment",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, needed in needs(stack):
            missing = [attachment for attachment in needed if attachment not in waits_for(stack, logical)]
            if missing:
                listed = " or ".join(missing)
                message = f"{logical} does not wait for {listed}, which attaches the internet gateway that it needs"
                yield stack.finding(("Resources", logical), message, f"add DependsOn: {missing[0]}")


def needs(stack: Stack) -> Iterator[tuple[str, list[str]]]:
    """Give each resource that needs an attached gateway, with the attachments that it needs."""
    gateways, tables = (
        resources_by_name(stack, "AWS::EC2::InternetGateway"),
        resources_by_name(stack, "AWS::EC2::RouteTable"),
    )
    for logical, properties in stack.of_type("AWS::EC2::Route"):
        if properties.get("GatewayId") in gateways:
            yield logical, attachments(stack, vpc(stack, tables.get(properties.get("RouteTableId", ""))))
    subnets = resources_by_name(stack, "AWS::EC2::Subnet")
    for logical, properties in stack.of_type("AWS::EC2::NatGateway"):
        if properties.get("ConnectivityType") != "private":
            yield logical, attachments(stack, vpc(stack, subnets.get(properties.get("SubnetId", ""))))
    every = [name for name, properties in stack.of_type("AWS::EC2::VPCGatewayAttachment") if "VpcId" in properties]
    for logical, _ in (*mapped(stack), *stack.of_type("AWS::EC2::EIPAssociation")):
        waited = waits_for(stack, logical)
        yield logical, [] if any(attachment in waited for attachment in every) else every


def mapped(stack: Stack) -> list[tuple[str, Any]]:
    """Return the elastic addresses of machines: one that is only allocated is mapped to nothing yet."""
    return [
        (logical, properties) for logical, properties in stack.of_type("AWS::EC2::EIP") if "InstanceId" in properties
    ]


def vpc(stack: Stack, logical: str | None) -> Any:
    return vpc_of(stack, logical) if logical else None
