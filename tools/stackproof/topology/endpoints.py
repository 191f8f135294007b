"""The endpoints of a VPC: who can use which, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.topology.network import table_of, vpc_of
from stackproof.topology.resource_index import resources_by_name
from stackproof.topology.security_groups import group_rules

ENDPOINT = "AWS::EC2::VPCEndpoint"
HTTPS = 443


def is_interface(properties: Mapping[str, Any]) -> bool:
    return bool(properties.get("VpcEndpointType") == "Interface")


def service_of(properties: Mapping[str, Any]) -> str:
    """Return the last word of the service's name: "s3", "ssm", "kinesis-streams"."""
    return str(properties.get("ServiceName", "")).rpartition(".")[2]


def interfaces(stack: Stack, vpc: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the interface endpoints of a VPC."""
    for logical, properties in stack.of_type(ENDPOINT):
        if is_interface(properties) and properties.get("VpcId") == vpc:
            yield logical, properties


def serves(stack: Stack, subnet: str, service: str) -> str | None:
    """Return the endpoint by which what runs in a subnet reaches a service; None if it has none."""
    vpc, tables = vpc_of(stack, subnet), resources_by_name(stack, "AWS::EC2::RouteTable")
    for logical, properties in stack.of_type(ENDPOINT):
        if properties.get("VpcId") == vpc and service_of(properties) == service:
            if is_interface(properties):
                if str(properties.get("PrivateDnsEnabled", True)).lower() == "false":
                    continue  # by the service's own name nobody comes to it
                return logical
            if table_of(stack, subnet) in [tables.get(str(table)) for table in properties.get("RouteTableIds", [])]:
                return logical
    return None


def refused_because(stack: Stack, endpoint: str, subnets: list[str], groups: list[str]) -> str:
    """Return why an interface endpoint takes no connection from what runs in some subnets with some security groups.

    An endpoint without a group has the default one of its VPC, which lets in its own members alone.
    Source: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint".
    """
    properties = stack.resources[endpoint].get("Properties", {})
    known = resources_by_name(stack, "AWS::EC2::SecurityGroup")
    stated = [str(group) for group in properties.get("SecurityGroupIds", [])]
    if not stated:
        return "has the default security group of its VPC, which lets in nothing but its own members"
    if not all(group in known for group in stated):
        return ""
    own = [known[group] for group in stated]
    users = [text for text, group in known.items() if group in groups]
    blocks = [str(stack.resources[subnet].get("Properties", {}).get("CidrBlock", "")) for subnet in subnets]
    inside = [rule for group in own for rule in group_rules(stack, group, "Ingress") or ()]
    if not any(rule.opens(HTTPS) and rule.meets(users, blocks) for rule in inside):
        return f"has {', '.join(own)}, which does not let {', '.join(groups)} in on port {HTTPS}"
    return ""
