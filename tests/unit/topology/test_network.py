"""Which subnet is routed how."""

import pytest
from stacks import ref, resource, stack

from stackproof.evaluation.stack import Stack
from stackproof.topology.network import (
    attachments,
    block,
    default_route,
    fits_vpc,
    functions_in_vpc,
    is_public,
    table_of,
)


@pytest.fixture
def network() -> Stack:
    everywhere = {"DestinationCidrBlock": "0.0.0.0/0"}
    return stack(
        {
            "V": resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
            "Public": resource("EC2::Subnet", VpcId=ref("V")),
            "Private": resource("EC2::Subnet", VpcId=ref("V")),
            "Left": resource("EC2::Subnet", VpcId=ref("V")),
            "Gateway": resource("EC2::InternetGateway"),
            "Attached": resource("EC2::VPCGatewayAttachment", VpcId=ref("V"), InternetGatewayId=ref("Gateway")),
            "Nat": resource("EC2::NatGateway", SubnetId=ref("Public")),
            "Out": resource("EC2::RouteTable", VpcId=ref("V")),
            "In": resource("EC2::RouteTable", VpcId=ref("V")),
            "OutRoute": resource("EC2::Route", RouteTableId=ref("Out"), GatewayId=ref("Gateway"), **everywhere),
            "InRoute": resource("EC2::Route", RouteTableId=ref("In"), NatGatewayId=ref("Nat"), **everywhere),
            "One": resource("EC2::SubnetRouteTableAssociation", SubnetId=ref("Public"), RouteTableId=ref("Out")),
            "Two": resource("EC2::SubnetRouteTableAssociation", SubnetId=ref("Private"), RouteTableId=ref("In")),
            "F": resource("Lambda::Function", VpcConfig={"SubnetIds": [ref("Private")], "SecurityGroupIds": ["sg-1"]}),
            "G": resource("Lambda::Function"),
        }
    )


def test_a_subnet_has_the_route_table_it_is_associated_with(network: Stack) -> None:
    assert [table_of(network, subnet) for subnet in ("Public", "Private", "Left")] == ["Out", "In", None]


def test_a_subnet_is_public_if_its_default_route_is_an_internet_gateway(network: Stack) -> None:
    assert [is_public(network, subnet) for subnet in ("Public", "Private", "Left")] == [True, False, False]


def test_a_subnet_left_with_the_main_table_has_no_default_route(network: Stack) -> None:
    found = [default_route(network, subnet) for subnet in ("Private", "Left")]
    assert [route and route.logical for route in found] == ["InRoute", None]


def test_an_attachment_belongs_to_its_vpc(network: Stack) -> None:
    assert attachments(network, "{{V@us-east-1}}") == ["Attached"]
    assert attachments(network, "vpc-1") == []


def test_of_a_function_in_a_vpc_the_subnets_of_the_stack_are_known(network: Stack) -> None:
    assert list(functions_in_vpc(network)) == [("F", ["Private"], [])]


@pytest.mark.parametrize("text", ["10.0.0.1/16", "none", "", None, "::/64"])
def test_what_is_no_ipv4_block_is_none(text: object) -> None:
    assert block(text) is None


@pytest.mark.parametrize(("text", "fits"), [("10.0.0.0/15", False), ("10.0.0.0/16", True), ("10.0.0.0/29", False)])
def test_a_vpc_has_from_16_to_28_bits(text: str, fits: bool) -> None:
    found = block(text)
    assert found is not None
    assert fits_vpc(found) is fits
