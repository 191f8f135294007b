"""A network access list that lets requests through lets their answers back, on the ports that clients choose.

An access list keeps no state: what is let out on port 443 is answered to a port above 1023, and the answer has to be
let in by an entry of its own. NAT gateways, load balancers and functions take ports from 1024 on, Linux from 32768 on.
Entries are tried by their numbers, and what none is for is denied. A subnet that functions run in, or that a NAT
gateway stands in, has to let HTTPS through to begin with.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of, resources_by_name
from stackproof.topology.network import functions_in_vpc, vpc_of
from stackproof.topology.network_acls import UDP, AclEntry, acls_of_subnets, allowed, entries, numbered_twice
from stackproof.topology.security_groups import holds

APPLIES_TO = ("AWS::EC2::NetworkAcl", "AWS::EC2::Subnet")
HTTPS = 443
WIDE, LINUX = (1024, 65535), (32768, 60999)
"""The first and the last port that clients choose: of NAT gateways, load balancers, functions; of Linux."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        pairs = list(acls_of_subnets(stack))
        wide, gateways = in_subnets(stack)
        for acl in dict.fromkeys(acl for acl, _ in pairs):
            subnets = {subnet for acl_of_subnet, subnet in pairs if acl_of_subnet == acl}
            for logical, other in numbered_twice(stack, acl):
                message = f"{logical} has the number of {other} in the same direction of {acl}, and there can be one"
                yield stack.finding(properties_path(logical, "RuleNumber"), message, "give it a number of its own")
            yield from answers(stack, acl, WIDE if subnets & (wide | gateways) else LINUX)
            yield from of_udp(stack, acl, subnets)
            for subnet in sorted(subnets & wide):
                yield from https(stack, acl, subnet, (True,))
            for subnet in sorted(subnets & gateways):
                yield from https(stack, acl, subnet, (True, False))


def in_subnets(stack: Stack) -> tuple[set[str], set[str]]:
    """Return the subnets of functions, and those of NAT gateways."""
    known = resources_by_name(stack, "AWS::EC2::Subnet")
    functions = {subnet for _, subnets, _ in functions_in_vpc(stack) for subnet in subnets}
    gateways = {known.get(str(gateway.get("SubnetId")), "") for _, gateway in stack.of_type("AWS::EC2::NatGateway")}
    return functions, gateways - {""}


def answers(stack: Stack, acl: str, chosen: tuple[int, int]) -> Iterator[Finding]:
    listed = entries(stack, acl)
    for entry in listed:
        if entry.allows and not entry.is_of_answers and not is_overruled(listed, entry):
            # Whoever asks from outside may be any client: the ports of Linux are the least.
            ports = chosen if entry.is_egress else LINUX
            closed = [port for port in ports if not allowed(listed, not entry.is_egress, entry.block, port)]
            if closed:
                what = "everything" if entry.first < entry.last else f"port {entry.first}"
                asked, back = ("out to", "in") if entry.is_egress else ("in from", "out")
                message = f"{entry.logical} of {acl} lets {what} {asked} {entry.block}, and answers to port {closed[0]}"
                message += f" are not let {back}: {acl} denies them"
                fix = f"allow the ports 1024 to 65535 {back} for {entry.block}, with a number before what denies them"
                yield stack.finding(properties_path(entry.logical), message, fix)


def of_udp(stack: Stack, acl: str, subnets: set[str]) -> Iterator[Finding]:
    """Find requests by UDP, as those of DNS and of time, whose answers are not let in.

    Requests to the resolver of the VPC pass every list. Source: Amazon VPC User Guide, "Network ACL basics".
    """
    listed = entries(stack, acl, UDP)
    stated = [
        str(properties.get("CidrBlock"))
        for name, properties in stack.of_type("AWS::EC2::VPC")
        if name in vpcs(stack, subnets)
    ]
    for entry in listed:
        is_stated = str(stack.resources[entry.logical].get("Properties", {}).get("Protocol")) in UDP
        inside = any(block != "None" and holds(block, entry.block) for block in stated)
        if is_stated and entry.allows and entry.is_egress and not entry.is_of_answers and not inside:
            closed = [port for port in LINUX if not allowed(listed, False, entry.block, port)]
            if closed:
                message = (
                    f"{entry.logical} of {acl} lets UDP on port {entry.first} out to {entry.block}, and answers to"
                )
                message += f" port {closed[0]} are not let in: {acl} denies them"
                fix = f"allow UDP on the ports 1024 to 65535 in for {entry.block}"
                yield stack.finding(properties_path(entry.logical), message, fix)


def vpcs(stack: Stack, subnets: set[str]) -> set[str]:
    found = (resource_of(stack, vpc_of(stack, subnet), "AWS::EC2::VPC") for subnet in subnets if subnet)
    return {vpc for vpc in found if vpc}


def is_overruled(listed: tuple[AclEntry, ...], entry: AclEntry) -> bool:
    """Tell whether an entry before it decides all that an entry is for."""
    return not allowed(listed, entry.is_egress, entry.block, entry.first) and not allowed(
        listed, entry.is_egress, entry.block, entry.last
    )


def https(stack: Stack, acl: str, subnet: str, directions: tuple[bool, ...]) -> Iterator[Finding]:
    listed = entries(stack, acl)
    for is_egress in directions:
        blocks = [entry.block for entry in listed if entry.is_egress == is_egress and entry.allows]
        if not any(allowed(listed, is_egress, block, HTTPS) for block in blocks):
            way = "out" if is_egress else "in"
            message = f"{acl} lets no HTTPS {way} of {subnet}, on port {HTTPS}"
            message = message if is_egress else message.replace(" of ", " to ")
            yield stack.finding(properties_path(acl), message, f"allow port {HTTPS} {way}, and its answers back")
