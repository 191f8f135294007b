"""The networks: apart, routed, peered."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from deployed import Stack, Stacks, only

PUBLIC, PRIVATE = ("PublicSubnet1Id", "PublicSubnet2Id"), ("PrivateSubnet1Id", "PrivateSubnet2Id")


def subnets(stack: Stack, outputs: tuple[str, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.client("ec2").describe_subnets(SubnetIds=[stack[item] for item in outputs])[
        "Subnets"
    ]
    return found


def block(stack: Stack) -> IPv4Network:
    (vpc,) = stack.client("ec2").describe_vpcs(VpcIds=[stack["VPCId"]])["Vpcs"]
    return IPv4Network(vpc["CidrBlock"])


def test_the_networks_do_not_overlap(source: Stack, target: Stack) -> None:
    assert not block(source).overlaps(block(target))


def test_the_subnets_are_apart_and_inside_the_network(stack: Stack) -> None:
    cut = [IPv4Network(subnet["CidrBlock"]) for subnet in subnets(stack, PUBLIC + PRIVATE)]
    apart = [not item.overlaps(other) for item in cut for other in cut if item is not other]
    assert all(item.subnet_of(block(stack)) for item in cut) and all(apart)


@pytest.mark.parametrize("outputs", [PUBLIC, PRIVATE], ids=["public", "private"])
def test_the_subnets_are_in_two_zones(stack: Stack, outputs: tuple[str, ...]) -> None:
    assert len({subnet["AvailabilityZone"] for subnet in subnets(stack, outputs)}) == 2


def test_no_subnet_hands_out_public_addresses(stack: Stack) -> None:
    assert [subnet["MapPublicIpOnLaunch"] for subnet in subnets(stack, PUBLIC + PRIVATE)] == [False] * 4


def default(stack: Stack, subnet: str) -> dict[str, Any]:
    routes = stack.route_table(subnet)["Routes"]
    return next((route for route in routes if route.get("DestinationCidrBlock") == "0.0.0.0/0"), {})


@pytest.mark.parametrize("subnet", PUBLIC)
def test_a_public_subnet_leads_to_the_internet_gateway(stack: Stack, subnet: str) -> None:
    assert default(stack, subnet).get("GatewayId", "").startswith("igw-")


@pytest.mark.helped
@pytest.mark.parametrize("subnet", PRIVATE)
def test_a_private_subnet_leads_to_a_nat_gateway(stack: Stack, subnet: str) -> None:
    gateway = default(stack, subnet).get("NatGatewayId")
    assert gateway, "no route to a NAT gateway"
    (found,) = stack.client("ec2").describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"]
    assert (found["State"], found["SubnetId"]) == ("available", stack["PublicSubnet1Id"])


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
def test_private_traffic_to_the_stores_stays_inside(stack: Stack, service: str) -> None:
    where = [{"Name": "vpc-id", "Values": [stack["VPCId"]]}]
    kept = stack.client("ec2").describe_vpc_endpoints(Filters=where)["VpcEndpoints"]
    tables = {item["ServiceName"].rpartition(".")[2]: item["RouteTableIds"] for item in kept}
    assert tables[service] == [stack.route_table(PRIVATE[0])["RouteTableId"]]


def of_parameters(stack: Stack) -> dict[str, Any]:
    """The endpoint of Systems Manager."""
    where = [{"Name": "vpc-id", "Values": [stack["VPCId"]]}]
    kept = stack.client("ec2").describe_vpc_endpoints(Filters=where)["VpcEndpoints"]
    found: dict[str, Any] = only([item for item in kept if item["ServiceName"].endswith(".ssm")], "endpoints")
    return found


def test_parameters_are_read_inside_from_both_zones(stack: Stack) -> None:
    endpoint = of_parameters(stack)
    found = endpoint["VpcEndpointType"], set(endpoint["SubnetIds"])
    assert found == ("Interface", {stack[subnet] for subnet in PRIVATE})


@pytest.mark.emulator("its EC2 keeps no PrivateDnsEnabled of an endpoint")
def test_the_endpoint_answers_by_the_service_s_own_name(stack: Stack) -> None:
    assert of_parameters(stack).get("PrivateDnsEnabled") is True


def test_functions_may_only_call_https(stack: Stack) -> None:
    (group,) = stack.client("ec2").describe_security_groups(GroupIds=[stack["LambdaSecurityGroupId"]])["SecurityGroups"]
    ports = [
        (egress["IpProtocol"], egress.get("FromPort"), egress.get("ToPort")) for egress in group["IpPermissionsEgress"]
    ]
    assert (group["IpPermissions"], ports) == ([], [("tcp", 443, 443)])


@pytest.mark.helped
def test_the_analytics_function_runs_in_the_private_subnets(stack: Stack) -> None:
    config = stack.function("AnalyticsFunctionArn").get("VpcConfig", {})
    expected = {stack[subnet] for subnet in PRIVATE}, {stack["LambdaSecurityGroupId"]}
    assert (set(config.get("SubnetIds", [])), set(config.get("SecurityGroupIds", []))) == expected


def test_the_tracker_runs_outside_the_network(stack: Stack) -> None:
    assert not stack.function("MigrationTrackerFunctionArn").get("VpcConfig", {}).get("SubnetIds")


@pytest.mark.helped
def test_the_peering_is_active(source: Stack, target: Stack) -> None:
    asked = [source["VPCPeeringConnectionId"]]
    listed = source.client("ec2").describe_vpc_peering_connections(VpcPeeringConnectionIds=asked)
    found = only(listed["VpcPeeringConnections"], "the peering")
    ends = found["Status"]["Code"], found["RequesterVpcInfo"]["VpcId"], found["AccepterVpcInfo"]["VpcId"]
    assert ends == ("active", source["VPCId"], target["VPCId"])


@pytest.mark.helped
def test_each_side_routes_to_the_other_by_the_peering(stack: Stack, stacks: Stacks) -> None:
    there = str(block(stacks.other(stack)))
    routes = stack.route_table(PRIVATE[0])["Routes"]
    kept = [
        (route.get("VpcPeeringConnectionId"), route.get("State"))
        for route in routes
        if route.get("DestinationCidrBlock") == there
    ]
    assert kept == [(stacks.source["VPCPeeringConnectionId"], "active")]
