"""A gateway endpoint is of a service of its own region and stands in the route tables of the functions in its VPC.

The name of an endpoint's service holds the region: one written out, or taken from the other side, is refused in one of
the two. An endpoint adds its routes only to the tables that it names; traffic from other subnets takes the NAT gateway.
Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.topology.network import functions_in_vpc, table_of, vpc_of

APPLIES_TO = ("AWS::EC2::VPCEndpoint",)
GATEWAYS = ("dynamodb", "s3")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        region = stack.scenario.region
        for logical, properties in stack.of_type("AWS::EC2::VPCEndpoint"):
            path, service = properties_path(logical), str(properties.get("ServiceName"))
            if service.startswith("com.amazonaws.") and not service.startswith(f"com.amazonaws.{region}."):
                message = f"{logical} is of {service}, and its stack is in {region}"
                yield stack.finding((*path, "ServiceName"), message, "name the service with AWS::Region")
            if properties.get("VpcEndpointType", "Gateway") == "Gateway":
                if service.rpartition(".")[2] not in GATEWAYS:
                    message = f"{logical} is of {service}, and only {' and '.join(GATEWAYS)} have gateway endpoints"
                    yield stack.finding((*path, "ServiceName"), message, "name one of them, or make it an interface")
                for why_not in unserved(stack, logical, properties):
                    fix = "name the route tables of the functions' subnets"
                    yield stack.finding((*path, "RouteTableIds"), f"{logical} {why_not}", fix)


def unserved(stack: Stack, endpoint: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Give what is wrong with the route tables of a gateway endpoint."""
    known, vpc = resources_by_name(stack, "AWS::EC2::RouteTable"), vpc_of(stack, endpoint)
    tables = [known[one] for one in properties.get("RouteTableIds", []) if one in known]
    for table in tables:
        if vpc_of(stack, table) != vpc:
            yield f"stands in {table}, which is of another VPC"
    for function, subnets, _ in functions_in_vpc(stack):
        for subnet in subnets:
            table = table_of(stack, subnet) or "the main route table"
            if vpc_of(stack, subnet) == vpc and table not in tables:
                yield f"does not stand in {table}, by which {function} goes out of {subnet}"
