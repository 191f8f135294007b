"""Where functions go out through a NAT gateway, S3 and DynamoDB have gateway endpoints in their VPC.

A gateway endpoint costs nothing and keeps what is stored inside AWS's network; a NAT gateway charges for each byte, and
its zone takes all of it along when it fails.
Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, resources_by_name
from stackproof.topology.network import default_route, functions_in_vpc, vpc_of

APPLIES_TO = ("AWS::EC2::NatGateway",)
SERVICES = ("dynamodb", "s3")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        endpoints = [properties for _, properties in stack.of_type("AWS::EC2::VPCEndpoint")]
        for table in by_nat(stack):
            vpc = vpc_of(stack, table)
            known = {
                str(endpoint.get("ServiceName")).rpartition(".")[2]
                for endpoint in endpoints
                if endpoint.get("VpcId") == vpc
            }
            for service in SERVICES:
                if service not in known:
                    message = f"functions go by {table} through a NAT gateway to {service}, for the VPC has no endpoint"
                    yield stack.finding(("Resources", table), message, f"add a gateway endpoint of {service}")


def by_nat(stack: Stack) -> list[str]:
    """Return the route tables by which functions go to a NAT gateway."""
    tables = resources_by_name(stack, "AWS::EC2::RouteTable")
    ways = (default_route(stack, subnet) for _, subnets, _ in functions_in_vpc(stack) for subnet in subnets)
    found = {tables.get(way.properties["RouteTableId"]) for way in ways if way and "NatGatewayId" in way.properties}
    return sorted(text for text in found if text)
