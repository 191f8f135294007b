"""A function in a VPC reaches what it calls: through subnets with a way out and security groups that let HTTPS pass.

A function never gets a public address: in a public subnet it reaches nothing. Its network interfaces take subnets and
security groups of one VPC only. What is missing shows as timeouts when the function runs, not when it is created.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.topology.network import default_route, functions_in_vpc, is_public, vpc_of

APPLIES_TO = ("AWS::Lambda::Function",)
HTTPS = 443


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for function, subnets, groups in functions_in_vpc(stack):
            path = properties_path(function, "VpcConfig")
            for subnet in subnets:
                why_not = closed(stack, subnet)
                if why_not:
                    fix = "use subnets whose default route is a NAT gateway"
                    yield stack.finding((*path, "SubnetIds"), f"{function} runs in {subnet}, {why_not}", fix)
            if not stack.resources[function]["Properties"]["VpcConfig"].get("SecurityGroupIds"):
                yield stack.finding(path, f"{function} runs in a VPC without a security group", "give it one")
            elif not stack.resources[function]["Properties"]["VpcConfig"].get("SubnetIds"):
                yield stack.finding(path, f"{function} has a security group, and no subnet", "give it subnets")
            for group in groups:
                if not any(lets_out(rule) for rule in egress(stack, group)):
                    message = f"{group} of {function} lets no HTTPS out"
                    yield stack.finding(properties_path(group), message, "allow egress on port 443")
            vpcs = {str(vpc_of(stack, one)) for one in (*subnets, *groups)}
            if len(vpcs) > 1:
                message = f"{function} has subnets and security groups of several VPCs: {', '.join(sorted(vpcs))}"
                yield stack.finding(path, message, "use those of one VPC")


def closed(stack: Stack, subnet: str) -> str:
    """Return why a function reaches nothing from a subnet; "" if it does, or if the VPC has interface endpoints."""
    if is_public(stack, subnet):
        return "a public subnet: its interface has no public address, so nothing answers"
    vpc = vpc_of(stack, subnet)
    endpoints = stack.of_type("AWS::EC2::VPCEndpoint")
    inside = any(one.get("VpcEndpointType") == "Interface" and one.get("VpcId") == vpc for _, one in endpoints)
    return "" if inside or default_route(stack, subnet) else "which has no default route"


def egress(stack: Stack, group: str) -> list[Mapping[str, Any]]:
    """Return what a security group lets out; one that states nothing lets everything out."""
    groups = resources_by_name(stack, "AWS::EC2::SecurityGroup")
    apart = [one for _, one in stack.of_type("AWS::EC2::SecurityGroupEgress") if groups.get(one["GroupId"]) == group]
    stated = stack.resources[group]["Properties"].get("SecurityGroupEgress")
    return [*(stated or []), *apart] if stated or apart else [{"IpProtocol": "-1"}]


def lets_out(rule: Mapping[str, Any]) -> bool:
    protocol = str(rule.get("IpProtocol"))
    if protocol in ("tcp", "6"):
        return int(rule.get("FromPort", -1)) <= HTTPS <= int(rule.get("ToPort", -1))
    return protocol == "-1"
