"""What one operation has to tell the next is an output of the stack that knows it.

An id that AWS makes up (of a VPC, of a peering) cannot be put together from text: the operator copies it from an output
of one stack into a parameter of the other.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
pack: house
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, resources_by_name
from stackproof.topology.required_names import ID_KINDS

APPLIES_TO = ("Outputs",)
ID = re.compile("(?P<prefix>[a-z]+)-[0-9a-f]{8,17}")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for parameter, value in stack.scenario.parameters.items():
            found = ID.fullmatch(value)
            kind = ID_KINDS.get(found["prefix"]) if found else None
            if kind and any(other.of_type(kind)) and not handed_over(other, kind):
                message = f"no output tells the {kind} that {parameter} of {stack.scenario.region} takes"
                yield other.finding(("Outputs",), message, "add an output with its Ref")
        kind = "AWS::EC2::VPCPeeringConnection"
        if any(stack.of_type(kind)) and not handed_over(stack, kind):
            message = f"no output tells the {kind}, which the other side's route needs"
            yield stack.finding(("Outputs",), message, "add an output with its Ref")


def handed_over(stack: Stack, kind: str) -> bool:
    """Tell whether an output holds the id of a resource of a type."""
    known = resources_by_name(stack, kind)
    return any(output.get("Value") in known for output in stack.value.get("Outputs", {}).values())
