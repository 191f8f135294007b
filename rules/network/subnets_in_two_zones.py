"""The subnets of each kind, public and private, stand in two zones or more, and so do the subnets of each function.

A zone that fails takes with it whatever stands in no other. A subnet whose zone is not stated is put where AWS likes,
maybe twice into the same one; a zone that is written out belongs to one region and fails in the other.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, properties_path
from stackproof.aws.regions import zones
from stackproof.topology.network import functions_in_vpc, is_public, vpc_of

APPLIES_TO = ("AWS::EC2::Subnet",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        region = stack.scenario.region
        for logical, properties in stack.of_type("AWS::EC2::Subnet"):
            zone = properties.get("AvailabilityZone")
            if "AvailabilityZoneId" not in properties and zone not in zones(region):
                fault = f"stands in {zone}, which is no zone of {region}" if zone else "states no zone"
                yield stack.finding(
                    zone_at(logical), f"{logical} {fault}", "choose a zone with Fn::Select and Fn::GetAZs"
                )
        for kind, subnets in kinds(stack):
            if len(zones_of(stack, subnets)) < 2:
                names = ", ".join(subnets)
                message = f"all {kind} of one VPC stand in {said_zones(stack, subnets)}: {names}"
                yield stack.finding(zone_at(subnets[-1]), message, "put them into two zones")
        for function, subnets, _ in functions_in_vpc(stack):
            if subnets and len(zones_of(stack, subnets)) < 2:
                message = f"{function} runs in {said_zones(stack, subnets)} only: {', '.join(subnets)}"
                path = properties_path(function, "VpcConfig", "SubnetIds")
                yield stack.finding(path, message, "give it subnets of two zones")


def zone_at(subnet: str) -> Path:
    return properties_path(subnet, "AvailabilityZone")


def kinds(stack: Stack) -> list[tuple[str, list[str]]]:
    """Return the public and the private subnets of each VPC."""
    found: dict[tuple[str, str], list[str]] = {}
    for logical, _ in stack.of_type("AWS::EC2::Subnet"):
        kind = "public subnets" if is_public(stack, logical) else "private subnets"
        found.setdefault((kind, str(vpc_of(stack, logical))), []).append(logical)
    return [(kind, subnets) for (kind, _), subnets in found.items()]


def zones_of(stack: Stack, subnets: list[str]) -> set[str]:
    """Return the zones of subnets; a subnet that states none counts for nothing."""
    properties = (stack.resources[logical].get("Properties", {}) for logical in subnets)
    stated = (subnet.get("AvailabilityZoneId", subnet.get("AvailabilityZone")) for subnet in properties)
    return {zone for zone in stated if zone}


def said_zones(stack: Stack, subnets: list[str]) -> str:
    return ", ".join(zones_of(stack, subnets)) or "no stated zone"
