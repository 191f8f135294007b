"""A peering is routed by each side that knows it, to the other side's block, in each table of its private subnets.

Traffic needs both ways: a connection that one side alone routes to carries no answer back. The side that asks for the
connection knows it at once; the other is told its id in a later operation, and has to have a parameter for it. Where
each zone has a private table of its own, the route is needed in each: the subnets of the others reach nothing. A table
that leads out as another one does is taken to be meant alike; one without a way out may be for what the peer is not to
reach.
Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcpeeringconnection.html
pack: resilience
severity: error
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Path,
    Stack,
    acceptance,
    declarations,
    properties_path,
    resources_by_name,
)
from stackproof.topology.network import associations, functions_in_vpc, is_public, routes, table_of, vpc_of

APPLIES_TO = ("AWS::EC2::VPCPeeringConnection",)
WAYS = ("GatewayId", "InterfaceId", "ConnectionId", "EndpointId", "InstanceId")
CONNECTION = re.compile("pcx-[0-9a-f]+")
EXAMPLE, OTHER = "pcx-0123456789abcdef0", "xcp-0123456789abcdef0"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        if deployment.external is None and not between(stack, other):
            continue  # a peering with what others have: they may route to it elsewhere
        yield from asked(stack, other)
        for connection, reason in known(stack, other).items():
            if connection not in [properties.get("VpcPeeringConnectionId") for _, properties in peering(stack)]:
                message = f"the stack in {stack.scenario.region} knows the peering {reason}, and has no route to it"
                yield stack.finding(("Resources",), message, "add a route to the other side's block")
        yield from routed(stack, other)
        yield from left_out(stack)


def between(stack: Stack, other: Stack) -> bool:
    """Tell whether a connection of one of two stacks leads to the other's region, and the stack has routes to write.

    A connection that states no region is meant for the other where that routes by a connection and asks for none.
    """
    led = any(
        str(properties.get("PeerRegion", own.scenario.region)) == peer.scenario.region
        for own, peer in ((stack, other), (other, stack))
        for _, properties in own.of_type("AWS::EC2::VPCPeeringConnection")
    )
    answered = any(
        any(own.of_type("AWS::EC2::VPCPeeringConnection"))
        and not any(peer.of_type("AWS::EC2::VPCPeeringConnection"))
        and any("VpcPeeringConnectionId" in route for _, route in peer.of_type("AWS::EC2::Route"))
        for own, peer in ((stack, other), (other, stack))
    )
    return (led or answered) and any(stack.of_type("AWS::EC2::RouteTable"))


def asked(stack: Stack, other: Stack) -> Iterator[Finding]:
    """Find connections that do not lead to the other side, or that it can never be told of."""
    for logical, properties in stack.of_type("AWS::EC2::VPCPeeringConnection"):
        region, path = properties.get("PeerRegion", stack.scenario.region), at(logical)
        if region != other.scenario.region:
            message = f"{logical} peers with a VPC in {region}, and the other stack is in {other.scenario.region}"
            yield stack.finding((*path, "PeerRegion"), message, "give the other stack's region")
        owner = properties.get("PeerOwnerId", stack.scenario.account)
        if owner != other.scenario.account:
            message = f"{logical} peers with account {owner}, and the other stack is in {other.scenario.account}"
            yield stack.finding((*path, "PeerOwnerId"), message, "give the other stack's account")
        if not any(takes_connection(stack, name) for name in declarations(stack.template)):
            message = f"no parameter takes the id of {logical}: the other side can never route to it"
            yield stack.finding(path, message, "add a parameter for the id of the connection")


def takes_connection(stack: Stack, parameter: str) -> bool:
    """Tell whether a parameter is meant for the id of a connection: it takes one, and nothing of another kind."""
    declared = declarations(stack.template)[parameter]
    only = declared.pattern is None or not acceptance.accepts(declared, OTHER)
    return acceptance.accepts(declared, EXAMPLE) and only


def known(stack: Stack, other: Stack) -> dict[str, str]:
    """Return the connections that a stack creates, and those it is told of that the other creates, with their names."""
    stated = [str(value) for value in stack.scenario.parameters.values() if CONNECTION.fullmatch(str(value))]
    theirs = {connection: connection for connection in stated if any(other.of_type("AWS::EC2::VPCPeeringConnection"))}
    return {**resources_by_name(stack, "AWS::EC2::VPCPeeringConnection"), **theirs}


def routed(stack: Stack, other: Stack) -> Iterator[Finding]:
    """Find peering routes to what is not the other side's, and those that no subnet uses."""
    blocks = [str(properties.get("CidrBlock")) for _, properties in other.of_type("AWS::EC2::VPC")]
    tables, used = resources_by_name(stack, "AWS::EC2::RouteTable"), {table for _, _, table in associations(stack)}
    for logical, properties in peering(stack):
        if properties.get("VpcPeeringConnectionId") not in known(stack, other):
            message = f"{logical} goes to a peering that the stack in {other.scenario.region} does not ask for"
            yield stack.finding((*at(logical), "VpcPeeringConnectionId"), message, "route on both sides or on none")
        destination = properties.get("DestinationCidrBlock")
        if destination not in blocks:
            theirs = f"{', '.join(blocks)} in {other.scenario.region}"
            message = f"{logical} sends {destination} to the peering, and the other VPC has {theirs}"
            yield stack.finding((*at(logical), "DestinationCidrBlock"), message, "route the other VPC's block")
        table = tables.get(properties.get("RouteTableId", ""))
        if table and table not in used:
            message = f"{logical} is in {table}, which no subnet uses"
            yield stack.finding((*at(logical), "RouteTableId"), message, "put it into a table that subnets use")
        inside = {table_of(stack, subnet) for _, subnets, _ in functions_in_vpc(stack) for subnet in subnets}
        if table and table in used and inside and table not in inside:
            message = f"{logical} is in {table}, by which no function goes"
            yield stack.finding((*at(logical), "RouteTableId"), message, "put it into the functions' table")


def left_out(stack: Stack) -> Iterator[Finding]:
    """Find tables of private subnets that lead out as one with a peering route does, and that lack that route."""
    tables = resources_by_name(stack, "AWS::EC2::RouteTable")
    used: dict[str, str] = {}
    for _, subnet, table in associations(stack):
        if not is_public(stack, subnet):
            used.setdefault(table, subnet)
    for logical, properties in peering(stack):
        of_route = tables.get(str(properties.get("RouteTableId", "")))
        for table, subnet in used.items() if of_route else ():
            alike = way_out(stack, table) == way_out(stack, str(of_route))
            if table == of_route or not alike or vpc_of(stack, table) != vpc_of(stack, str(of_route)):
                continue
            if not any(has(stack, table, connection, properties) for _, connection in peering(stack)):
                message = f"{table}, by which {subnet} goes, has no route to the peering as {of_route} has {logical}"
                yield stack.finding(at(table), message, f"add a route like {logical} to {table}")


def has(stack: Stack, table: str, route: Mapping[str, Any], like: Mapping[str, Any]) -> bool:
    """Tell whether a route is of a table, and goes to the same block as another."""
    keys = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    of_table = resources_by_name(stack, "AWS::EC2::RouteTable").get(str(route.get("RouteTableId", "")))
    return of_table == table and all(route.get(key) == like.get(key) for key in keys)


def way_out(stack: Stack, table: str) -> str:
    """Return by what kind of thing the default route of a table goes; "" if it has none."""
    for route in routes(stack, table):
        if route.is_default:
            return next((key for key in route.properties if key.endswith(WAYS)), "")
    return ""


def peering(stack: Stack) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the routes to peerings."""
    found = stack.of_type("AWS::EC2::Route")
    return [(logical, properties) for logical, properties in found if "VpcPeeringConnectionId" in properties]


def at(logical: str) -> Path:
    return properties_path(logical)
