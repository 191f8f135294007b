"""No route table has two routes to one destination.

The second is refused as RouteAlreadyExists when the stack is created, and the table that it was meant for has none.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, properties_path

APPLIES_TO = ("AWS::EC2::Route",)
DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        met: dict[tuple[str, str], str] = {}
        for logical, properties in stack.of_type("AWS::EC2::Route"):
            for key in (key for key in DESTINATIONS if key in properties):
                table, to = str(properties.get("RouteTableId")), str(properties[key])
                other = met.setdefault((table, to), logical)
                if other != logical:
                    message = f"{logical} is a second route to {to} in the route table of {other}"
                    yield stack.finding(properties_path(logical, "RouteTableId"), message, "name its own route table")
