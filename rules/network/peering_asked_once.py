"""One side alone asks for a peering, with a VPC that it is told, even if both sides are told all ids.

An operator, or a stack set, may give the ids of both sides to both stacks. A second connection between the same VPCs is
refused while the first is there; a connection to no VPC fails at once.
Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcpeeringconnection.html
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import CannotTell, Deployment, Finding, Stack, acceptance, properties_path, resolve

APPLIES_TO = ("AWS::EC2::VPCPeeringConnection",)
PEERING = "AWS::EC2::VPCPeeringConnection"
ID = re.compile("(pcx|vpc)-[0-9a-f]+")


def check(deployment: Deployment) -> Iterator[Finding]:
    asking = [stack for stack in deployment.stacks if any(stack.of_type(PEERING))]
    for stack in asking:
        for logical, properties in stack.of_type(PEERING):
            vpc = str(properties.get("PeerVpcId", ""))
            if not ID.match(vpc) and not vpc.startswith("{{"):
                path = properties_path(logical, "PeerVpcId")
                yield stack.finding(path, f"{logical} peers with {vpc!r}, which is no VPC", "ask only if one is told")
    ids = {name: value for stack in deployment.stacks for name, value in ids_of_other_side(stack)}
    # Who states which names others create has such an operator; elsewhere each stack is told what its scenario says.
    for stack in deployment.stacks if asking and ids and deployment.external is not None else ():
        other = deployment.other(stack)
        if other in asking and second(stack, ids):
            message = f"told {', '.join(ids.values())}, the stack in {stack.scenario.region} asks for a peering too"
            fix = f"let {other.scenario.region} alone ask"
            yield stack.finding(("Conditions",), f"{message}, as {other.scenario.region} does", fix)


def ids_of_other_side(stack: Stack) -> list[tuple[str, str]]:
    """Return the parameters of a stack that are ids of the other side's network."""
    return [(name, value) for name, value in stack.scenario.parameters.items() if ID.fullmatch(value)]


def second(stack: Stack, ids: dict[str, str]) -> bool:
    """Tell whether a stack that is told all ids asks for a peering; one that refuses them does not."""
    try:
        return any(resolve(stack.template, acceptance.with_parameters(stack.scenario, ids)).of_type(PEERING))
    except CannotTell:
        return False
