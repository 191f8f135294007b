"""The network of a stack: which subnet is routed how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.topology.resource_index import resources_by_name

EVERYWHERE = "0.0.0.0/0"


class Route(NamedTuple):
    """A route of a route table: its logical id and its properties."""

    logical: str
    properties: Mapping[str, Any]

    @property
    def is_default(self) -> bool:
        return self.properties.get("DestinationCidrBlock") == EVERYWHERE


def associations(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Give association, subnet and route table, by their logical ids, of each subnet that is given a table."""
    tables, subnets = resources_by_name(stack, "AWS::EC2::RouteTable"), resources_by_name(stack, "AWS::EC2::Subnet")
    for logical, properties in stack.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        table, subnet = tables.get(properties.get("RouteTableId", "")), subnets.get(properties.get("SubnetId", ""))
        if table and subnet:
            yield logical, subnet, table


def table_of(stack: Stack, subnet: str) -> str | None:
    """Return the route table that a subnet is given; None if it is left with the main table of its VPC."""
    return next((table for _, associated, table in associations(stack) if associated == subnet), None)


def routes(stack: Stack, table: str | None) -> list[Route]:
    """Return the routes of a route table that are resources of their own."""
    tables = resources_by_name(stack, "AWS::EC2::RouteTable")
    found = (Route(logical, properties) for logical, properties in stack.of_type("AWS::EC2::Route"))
    return [route for route in found if table and tables.get(route.properties.get("RouteTableId", "")) == table]


def default_route(stack: Stack, subnet: str) -> Route | None:
    return next((route for route in routes(stack, table_of(stack, subnet)) if route.is_default), None)


def is_public(stack: Stack, subnet: str) -> bool:
    """Tell whether a subnet's default route goes straight to an internet gateway."""
    route = default_route(stack, subnet)
    gateway = str(route.properties.get("GatewayId", "")) if route else ""
    return gateway.startswith("igw-") or gateway in resources_by_name(stack, "AWS::EC2::InternetGateway")


def vpc_of(stack: Stack, logical: str) -> Any:
    """Return the VPC that a resource names, as the stack names it: two resources are in one VPC if these are equal."""
    return stack.resources[logical].get("Properties", {}).get("VpcId")


def attachments(stack: Stack, vpc: Any) -> list[str]:
    """Return what attaches an internet gateway to a VPC."""
    return [
        logical
        for logical, properties in stack.of_type("AWS::EC2::VPCGatewayAttachment")
        if "InternetGatewayId" in properties and properties.get("VpcId") == vpc
    ]


def functions_in_vpc(stack: Stack) -> Iterator[tuple[str, list[str], list[str]]]:
    """Give each function that runs in a VPC, with its subnets and its security groups that the stack creates."""
    subnets, groups = resources_by_name(stack, "AWS::EC2::Subnet"), resources_by_name(stack, "AWS::EC2::SecurityGroup")
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        config = properties.get("VpcConfig", {})
        if config.get("SubnetIds") or config.get("SecurityGroupIds"):
            yield (
                logical,
                [subnets[subnet] for subnet in config.get("SubnetIds", []) if subnet in subnets],
                [groups[group] for group in config.get("SecurityGroupIds", []) if group in groups],
            )


def block(text: Any) -> IPv4Network | None:
    """Return the IPv4 block that a text is, None if it is none."""
    try:
        return IPv4Network(text)
    except ValueError:
        return None


def fits_vpc(network: IPv4Network) -> bool:
    """Tell whether a VPC or a subnet can have a block of this size.

    Source: Amazon VPC User Guide, "VPC CIDR blocks" and "Subnet sizing for IPv4": from /16 to /28.
    """
    return 16 <= network.prefixlen <= 28
