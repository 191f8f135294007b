"""An endpoint is of a service of its own region, and what runs in its VPC can use it.

The name of an endpoint's service holds the region: one written out, or taken from the other side, is refused in one of
the two. A gateway endpoint adds its routes only to the tables that it names; traffic from other subnets takes the NAT
gateway. An interface endpoint needs a subnet, one a zone, and security groups that let its users in on port 443. Where
it answers to the service's own name, which needs both DNS settings of the VPC, whoever it refuses has no other way.
Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Stack,
    as_list,
    is_true,
    properties_path,
    resource_of,
    resources_by_name,
)
from stackproof.iam.services_called import endpoint_service, services_called
from stackproof.topology.endpoints import is_interface, refused_because, service_of
from stackproof.topology.network import functions_in_vpc, table_of, vpc_of

APPLIES_TO = ("AWS::EC2::VPCEndpoint",)
ZONE = "AWS::Route53::HostedZone"
GATEWAYS = ("dynamodb", "s3")
OF_SERVICES = ("Gateway", "Interface")
PARTNERS = ("GatewayLoadBalancer", "Resource", "ServiceNetwork")
"""Types of endpoints that lead to what other accounts offer. Source: AWS::EC2::VPCEndpoint, "VpcEndpointType"."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        region = stack.scenario.region
        for logical, properties in stack.of_type("AWS::EC2::VPCEndpoint"):
            path, service = properties_path(logical), str(properties.get("ServiceName"))
            place = service.removeprefix("com.amazonaws.").removeprefix("vpce.")
            if service.startswith("com.amazonaws.") and not place.startswith(f"{region}."):
                message = f"{logical} is of {service}, and its stack is in {region}"
                yield stack.finding((*path, "ServiceName"), message, "name the service with AWS::Region")
            if "ServiceName" not in properties and properties.get("VpcEndpointType", "Gateway") in OF_SERVICES:
                yield stack.finding(path, f"{logical} names no service", "set ServiceName")
            if is_interface(properties):
                first = named_alike(stack, properties)
                if first and first != logical:
                    message = f"{logical} answers to the service's own name in its VPC, as {first} does already"
                    fix = "give one endpoint all subnets, or set PrivateDnsEnabled to false"
                    yield stack.finding((*path, "PrivateDnsEnabled"), message, fix)
                for key, why_not, fix in (*unusable(stack, properties), *unused(stack, properties)):
                    yield stack.finding((*path, key), f"{logical} {why_not}", fix)
                for why_not in refused(stack, logical, properties):
                    fix = "let the security groups of its users in on port 443"
                    yield stack.finding((*path, "SecurityGroupIds"), f"{logical} {why_not}", fix)
            elif properties.get("VpcEndpointType") in PARTNERS and not service.startswith("com.amazonaws.vpce."):
                message = f"{logical} is a {properties['VpcEndpointType']} endpoint, and {service} has none"
                yield stack.finding((*path, "VpcEndpointType"), message, "set it to Gateway or Interface")
            elif properties.get("VpcEndpointType", "Gateway") == "Gateway":
                if service.rpartition(".")[2] not in GATEWAYS:
                    message = f"{logical} is of {service}, and only {' and '.join(GATEWAYS)} have gateway endpoints"
                    yield stack.finding((*path, "ServiceName"), message, "name one of them, or make it an interface")
                for why_not in unserved(stack, logical, properties):
                    fix = "name the route tables of the functions' subnets"
                    yield stack.finding((*path, "RouteTableIds"), f"{logical} {why_not}", fix)


def named_alike(stack: Stack, properties: Mapping[str, Any]) -> str:
    """Return the first endpoint of the VPC that answers to the service's own name, "" if the endpoint does not.

    Source: AWS PrivateLink Guide, "Private DNS names": a VPC has one private hosted zone for each name.
    """
    if not is_true(properties.get("PrivateDnsEnabled")):
        return ""
    alike = (
        logical
        for logical, other in stack.of_type("AWS::EC2::VPCEndpoint")
        if is_true(other.get("PrivateDnsEnabled"))
        and other.get("VpcId") == properties.get("VpcId")
        and other.get("ServiceName") == properties.get("ServiceName")
    )
    return next(alike, "")


def unserved(stack: Stack, endpoint: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Give what is wrong with the route tables of a gateway endpoint."""
    known, vpc = resources_by_name(stack, "AWS::EC2::RouteTable"), vpc_of(stack, endpoint)
    tables = [known[text] for text in properties.get("RouteTableIds", []) if text in known]
    for table in tables:
        if vpc_of(stack, table) != vpc:
            yield f"stands in {table}, which is of another VPC"
    for function, subnets, _ in functions_in_vpc(stack):
        for subnet in subnets:
            table = table_of(stack, subnet) or "the main route table"
            if vpc_of(stack, subnet) == vpc and table not in tables:
                yield f"does not stand in {table}, by which {function} goes out of {subnet}"


def unusable(stack: Stack, properties: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give what keeps an interface endpoint from being created or found, each with the property and the fix."""
    subnets, known = properties.get("SubnetIds", []), resources_by_name(stack, "AWS::EC2::Subnet")
    if not subnets:
        yield "SubnetIds", "stands in no subnet, so nothing reaches it", "give it the subnets of its users"
    own = [known[text] for text in subnets if text in known] if isinstance(subnets, list) else []
    zones = [str(stack.resources[member].get("Properties", {}).get("AvailabilityZone", member)) for member in own]
    for subnet, zone in zip(own, zones, strict=True):
        if vpc_of(stack, subnet) != properties.get("VpcId"):
            yield "SubnetIds", f"stands in {subnet}, which is of another VPC", "give it subnets of its own VPC"
        if zones.count(zone) > 1 and zones.index(zone) == own.index(subnet):
            yield "SubnetIds", f"stands in two subnets of {zone}, and may have one a zone", "name one subnet a zone"
    vpc = resource_of(stack, properties.get("VpcId"), "AWS::EC2::VPC")
    if is_true(properties.get("PrivateDnsEnabled")) and vpc:
        stated = stack.resources[vpc].get("Properties", {})
        for name, otherwise in (("EnableDnsHostnames", False), ("EnableDnsSupport", True)):
            if not is_true(stated.get(name, otherwise)):
                why_not = f"answers to the service's own name, for which {vpc} lacks {name}"
                yield "PrivateDnsEnabled", why_not, f"set {name} of {vpc} to true"


def unused(stack: Stack, properties: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give why functions that call the service do not come by an interface endpoint, or lose it with a zone.

    A client calls the service's own name, unless its code or a hosted zone of the stack says another.
    Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint", "Subnets and Availability
    Zones"; "Manage DNS names for VPC endpoint services".
    """
    vpc, known = properties.get("VpcId"), resources_by_name(stack, "AWS::EC2::Subnet")
    own = [known[text] for text in as_list(properties.get("SubnetIds", [])) if text in known]
    for function, subnets, _ in functions_in_vpc(stack):
        called = [endpoint_service(service) for service in services_called(stack, function)]
        if service_of(properties) not in called or not all(vpc_of(stack, subnet) == vpc for subnet in subnets):
            continue
        if not is_true(properties.get("PrivateDnsEnabled", True)):
            if "endpoint" not in str(stack.resources[function]).lower() and not any(stack.of_type(ZONE)):
                why_not = f"does not answer to the service's own name, by which {function} calls it"
                yield "PrivateDnsEnabled", why_not, "set PrivateDnsEnabled to true"
        elif len(own) == len(as_list(properties.get("SubnetIds", []))) > 0:
            for lost in sorted(zones(stack, subnets) - zones(stack, own)):
                why_not = f"stands in no subnet of {lost}, where {function} runs as well"
                yield "SubnetIds", why_not, "give it a subnet in each zone of its users"


def zones(stack: Stack, subnets: list[str]) -> set[str]:
    return {str(stack.resources[subnet].get("Properties", {}).get("AvailabilityZone", subnet)) for subnet in subnets}


def refused(stack: Stack, endpoint: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Give the functions that call the service by its own name, and that the endpoint does not let in."""
    if not is_true(properties.get("PrivateDnsEnabled", True)):
        return
    for function, subnets, groups in functions_in_vpc(stack):
        stated = stack.resources[function].get("Properties", {})["VpcConfig"].get("SecurityGroupIds", [])
        of_vpc = [subnet for subnet in subnets if vpc_of(stack, subnet) == properties.get("VpcId")]
        called = [endpoint_service(service) for service in services_called(stack, function)]
        if of_vpc and groups and len(groups) == len(stated) and service_of(properties) in called:
            why_not = refused_because(stack, endpoint, of_vpc, groups)
            if why_not:
                yield f"{why_not}, and {function} calls the service"
