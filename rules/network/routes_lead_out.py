"""Every subnet has a route table of its VPC, and every default route leads out of that VPC.

A subnet without a table of its own falls back to the VPC's main one, which routes nowhere. An internet gateway leads
out only of the VPC that it is attached to, a NAT gateway only from a subnet whose default route is an internet gateway.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, properties_path, resources_by_name
from stackproof.topology.network import Route, associations, is_public, routes, vpc_of
from stackproof.topology.texts import texts_of

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
APPLIES_TO = ("AWS::EC2::Subnet", "AWS::EC2::Route")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        lost = False
        yield from tables(stack)
        for table in resources_by_name(stack, "AWS::EC2::RouteTable").values():
            met: dict[str, str] = {}
            for route in routes(stack, table):
                properties = stack.resources[route.logical].get("Properties", {})
                if not any(key in properties for key in DESTINATIONS):
                    message = f"{route.logical} has no destination"
                    yield stack.finding(at(route.logical), message, "set DestinationCidrBlock")
                to = next((str(properties[key]) for key in DESTINATIONS if key in properties), route.logical)
                if met.setdefault(to, route.logical) != route.logical:
                    message = f"{route.logical} is a second route of {table} to {to}, beside {met[to]}"
                    yield stack.finding(at(route.logical), message, "put it into another table, or remove one")
                why_not = blocked(stack, table, route) if route.is_default else mistaken(route)
                lost = lost or bool(why_not)
                if why_not:
                    fix = "route to what is in the VPC and attached to it"
                    yield stack.finding(at(route.logical), f"{route.logical} leads nowhere: {why_not}", fix)
        for logical, properties in stack.of_type("AWS::EC2::NatGateway"):
            subnet = resources_by_name(stack, "AWS::EC2::Subnet").get(properties.get("SubnetId", ""))
            if properties.get("ConnectivityType") != "private" and "AllocationId" not in properties:
                yield stack.finding(at(logical), f"{logical} has no public address", "give it AllocationId")
            if not lost and unrouted(stack, logical):
                message = f"{logical} is paid for by the hour, and no route leads to it"
                yield stack.finding(
                    at(logical), message, "add a route of the private subnets' table to it, or remove it"
                )
            if not properties.get("SubnetId"):
                yield stack.finding(at(logical), f"{logical} stands in no subnet", "give it SubnetId")
            if subnet and properties.get("ConnectivityType") != "private" and not is_public(stack, subnet):
                message = f"{logical} stands in {subnet}, whose default route is no internet gateway"
                yield stack.finding((*at(logical), "SubnetId"), message, "put it into a public subnet")


def unrouted(stack: Stack, gateway: str) -> bool:
    """Tell whether nothing in a stack names a NAT gateway, so that no route can lead to it, and others are not told."""
    name = str(stack.evaluator.references.ref(gateway))
    return not any(name in text and path[:2] != ("Resources", gateway) for path, text in texts_of(stack))


def tables(stack: Stack) -> Iterator[Finding]:
    """Find subnets that have no route table, two, or one of another VPC."""
    associated: dict[str, list[tuple[str, str]]] = {}
    for logical, subnet, table in associations(stack):
        associated.setdefault(subnet, []).append((logical, table))
        if vpc_of(stack, subnet) != vpc_of(stack, table):
            message = f"{logical} joins {subnet} and {table}, which are not in one VPC"
            yield stack.finding(at(logical), message, "join what is in one VPC")
    for subnet, _ in stack.of_type("AWS::EC2::Subnet"):
        found = associated.get(subnet, [])
        if not found:
            yield stack.finding(at(subnet), f"{subnet} has no route table of its own", "associate it with one")
        for logical, table in found[1:]:
            message = f"{subnet} has {table} beside {found[0][1]}, and can have one route table only"
            yield stack.finding(at(logical), message, "remove one association")


def blocked(stack: Stack, table: str, route: Route) -> str:
    """Return what keeps a default route from leading out; "" if nothing known does."""
    if not any(
        key.endswith(("GatewayId", "InterfaceId", "ConnectionId", "EndpointId", "Arn")) for key in route.properties
    ):
        return "it names nothing to go to"
    gateway, nat = route.properties.get("GatewayId"), route.properties.get("NatGatewayId")
    vpc = vpc_of(stack, table)
    if gateway in resources_by_name(stack, "AWS::EC2::InternetGateway"):
        attached = stack.of_type("AWS::EC2::VPCGatewayAttachment")
        if not any(
            attachment.get("InternetGatewayId") == gateway and attachment.get("VpcId") == vpc
            for _, attachment in attached
        ):
            return f"its internet gateway is not attached to the VPC of {table}"
    if nat is not None:
        gateways, subnets = (
            resources_by_name(stack, "AWS::EC2::NatGateway"),
            resources_by_name(stack, "AWS::EC2::Subnet"),
        )
        known = gateways.get(nat)
        if not known and not str(nat).startswith("nat-"):
            return f"{nat} is no NAT gateway"
        subnet = subnets.get(stack.resources[known].get("Properties", {}).get("SubnetId")) if known else None
        if subnet and vpc_of(stack, subnet) != vpc:
            return f"{known} stands in another VPC than {table}"
    return ""


def mistaken(route: Route) -> str:
    """Return what keeps a route for IPv6 from leading out: NAT is for IPv4, and an egress-only gateway for IPv6.

    Source: Amazon VPC User Guide, "NAT64 and DNS64": a NAT gateway takes IPv6 to 64:ff9b::/96 alone.
    """
    block = str(route.properties.get("DestinationIpv6CidrBlock", ""))
    if "NatGatewayId" in route.properties and block and not block.startswith("64:ff9b:"):
        return f"a NAT gateway takes no IPv6 to {block}"
    if "EgressOnlyInternetGatewayId" in route.properties and not block:
        return "an egress-only gateway takes IPv6 alone"
    return ""


def at(logical: str) -> Path:
    return properties_path(logical)
