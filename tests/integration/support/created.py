"""Resources that the emulator's CloudFormation does not know, made by the API of the service as the template says.

Each takes what is resolved of a resource, in CloudFormation's names; it returns what `Ref` gives, and the attributes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from deployed import Stack

Properties = Mapping[str, Any]
Created = tuple[str, Mapping[str, str]]


def address(stack: Stack, properties: Properties) -> Created:
    found = stack.client("ec2").allocate_address(Domain=properties["Domain"])
    return found["PublicIp"], {"AllocationId": found["AllocationId"], "PublicIp": found["PublicIp"]}


def nat_gateway(stack: Stack, properties: Properties) -> Created:
    arguments = {key: properties[key] for key in ("AllocationId", "SubnetId") if key in properties}
    found = stack.client("ec2").create_nat_gateway(**arguments)["NatGateway"]["NatGatewayId"]
    return found, {"NatGatewayId": found}


def route(stack: Stack, properties: Properties) -> Created:
    stack.client("ec2").create_route(**properties)
    return f"{properties['RouteTableId']}|{properties['DestinationCidrBlock']}", {}


def peering(stack: Stack, properties: Properties) -> Created:
    """Ask, and accept: of one account, CloudFormation does both (AWS::EC2::VPCPeeringConnection)."""
    arguments = {key: properties[key] for key in ("VpcId", "PeerVpcId", "PeerRegion") if key in properties}
    made = stack.client("ec2").create_vpc_peering_connection(**arguments)["VpcPeeringConnection"][
        "VpcPeeringConnectionId"
    ]
    there = stack.session.client("ec2", region_name=properties.get("PeerRegion", stack.region))
    there.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
    return made, {"Id": made}


def health_check(stack: Stack, properties: Properties) -> Created:
    asked = {"CallerReference": str(uuid.uuid4()), "HealthCheckConfig": properties["HealthCheckConfig"]}
    made = stack.client("route53").create_health_check(**asked)["HealthCheck"]["Id"]
    return made, {"HealthCheckId": made}


def selection(stack: Stack, properties: Properties) -> Created:
    made = stack.client("backup").create_backup_selection(**properties)["SelectionId"]
    return made, {"SelectionId": made}


CREATED: Mapping[str, Callable[[Stack, Properties], Created]] = {
    "AWS::EC2::EIP": address,
    "AWS::EC2::NatGateway": nat_gateway,
    "AWS::EC2::Route": route,
    "AWS::EC2::VPCPeeringConnection": peering,
    "AWS::Route53::HealthCheck": health_check,
    "AWS::Backup::BackupSelection": selection,
}
