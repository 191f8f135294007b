"""A function in a VPC reaches what it calls: through subnets with a way out and security groups that let HTTPS pass.

A function never gets a public address: in a public subnet it reaches nothing. Its network interfaces take subnets and
security groups of one VPC only. What is missing shows as timeouts when the function runs, not when it is created. Where
a subnet has no way out, each service that the code calls needs an endpoint; where security groups let HTTPS out to
private addresses alone, it needs one with such an address.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path
from stackproof.code.inline import inline_functions
from stackproof.iam.services_called import endpoint_service, services_called
from stackproof.topology.endpoints import interfaces, serves, service_of
from stackproof.topology.network import default_route, functions_in_vpc, is_public, vpc_of
from stackproof.topology.security_groups import group_rules, lets

APPLIES_TO = ("AWS::Lambda::Function",)
HTTPS = 443
IN_VPC = ("elasticache", "elasticfilesystem", "es", "kafka-cluster", "memorydb", "neptune-db", "rds-db")
"""Prefixes of actions of what answers at addresses inside a VPC. Source: Service Authorization Reference."""
WEB = re.compile(r"\b(aiohttp|boto3|botocore|cfnresponse|http|https|httpx|requests|urllib\d?)\b")
"""What stands in code that may call over HTTPS."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for function, subnets, groups in functions_in_vpc(stack):
            path = properties_path(function, "VpcConfig")
            for subnet in subnets:
                why_not = closed(stack, function, subnet)
                if why_not:
                    fix = "use subnets whose default route is a NAT gateway"
                    yield stack.finding((*path, "SubnetIds"), f"{function} runs in {subnet}, {why_not}", fix)
            if not stack.resources[function].get("Properties", {})["VpcConfig"].get("SecurityGroupIds"):
                yield stack.finding(path, f"{function} runs in a VPC without a security group", "give it one")
            elif not stack.resources[function].get("Properties", {})["VpcConfig"].get("SubnetIds"):
                yield stack.finding(path, f"{function} has a security group, and no subnet", "give it subnets")
            for group in groups:
                if not lets(stack, [group], "Egress", HTTPS) and not stays_inside(stack, function):
                    message = f"{group} of {function} lets no HTTPS out"
                    yield stack.finding(properties_path(group), message, "allow egress on port 443")
            for where, why_not, fix in cut_off(stack, function, subnets, groups):
                yield stack.finding(properties_path(where), why_not, fix)
            vpcs = {str(vpc_of(stack, logical)) for logical in (*subnets, *groups)}
            if len(vpcs) > 1:
                message = f"{function} has subnets and security groups of several VPCs: {', '.join(sorted(vpcs))}"
                yield stack.finding(path, message, "use those of one VPC")


def stays_inside(stack: Stack, function: str) -> bool:
    """Tell whether a function is known to call no service, or only what answers inside its VPC, and no other host."""
    code = next((inline for inline in inline_functions(stack) if inline.logical == function), None)
    if code is None or not code.runtime.startswith("python") or WEB.search(code.text):
        return False
    return set(services_called(stack, function)) <= set(IN_VPC)


def closed(stack: Stack, function: str, subnet: str) -> str:
    """Return why a function reaches nothing from a subnet; "" if it does, or if the VPC has interface endpoints.

    A function that calls no service, or only what answers inside its VPC, needs no way out.
    """
    if is_public(stack, subnet):
        return "a public subnet: its interface has no public address, so nothing answers"
    vpc = vpc_of(stack, subnet)
    endpoints = list(stack.of_type("AWS::EC2::VPCEndpoint"))
    inside = any(
        endpoint.get("VpcEndpointType") == "Interface" and endpoint.get("VpcId") == vpc for _, endpoint in endpoints
    )
    called = set(services_called(stack, function)) - set(IN_VPC)
    known = function in {each.logical for each in inline_functions(stack) if each.runtime.startswith("python")}
    served = known and all(serves(stack, subnet, endpoint_service(each)) for each in called)
    reached = inside or served or not called
    return "" if reached or default_route(stack, subnet) else "which has no default route"


def cut_off(stack: Stack, function: str, subnets: list[str], groups: list[str]) -> Iterator[tuple[str, str, str]]:
    """Give the services that a function's code calls, and that its subnets or its groups keep it from reaching.

    Each with the resource that keeps it, and the fix; what runs in subnets or groups of other stacks is not known.
    """
    stated = stack.resources[function].get("Properties", {})["VpcConfig"]
    called = services_called(stack, function)
    for subnet in subnets:
        if not default_route(stack, subnet) and any(interfaces(stack, vpc_of(stack, subnet))):
            missing = [service for service in called if serves(stack, subnet, endpoint_service(service)) is None]
            if missing:
                unreachable = (
                    f"{function} calls {', '.join(missing)} from {subnet}, which has neither a default route nor"
                )
                yield function, f"{unreachable} an endpoint of that service", "add an endpoint of the service"
    private = [group for group in groups if not leads_out(stack, group)]
    if subnets and groups and len(private) == len(groups) == len(stated.get("SecurityGroupIds", [])):
        served = {service_of(interface) for _, interface in interfaces(stack, vpc_of(stack, subnets[0]))}
        missing = [service for service in called if endpoint_service(service) not in served]
        if missing and lets(stack, groups, "Egress", HTTPS):
            unreachable = f"{', '.join(groups)} of {function} lets port {HTTPS} out to private addresses of IPv4 alone"
            unreachable += f", and {', '.join(missing)}, which it calls, has none in the VPC"
            yield groups[0], unreachable, "let port 443 out to 0.0.0.0/0, or to the prefix list of the endpoint"


def leads_out(stack: Stack, group: str) -> bool:
    """Tell whether a group lets HTTPS out to addresses that are not private."""
    rules = group_rules(stack, group, "Egress")
    return rules is None or any(rule.opens(HTTPS) and rule.leads_out for rule in rules)
