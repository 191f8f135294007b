"""What runs in a subnet has security groups of that subnet's VPC.

A security group belongs to one VPC, and to the account's default VPC where it names none. EC2 refuses an interface that
stands in one VPC and has a group of another, so that the function, the endpoint or the load balancer is not created.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, as_list, as_mapping, properties_path, resources_by_name
from stackproof.topology.network import vpc_of

GROUPS = "SecurityGroupIds"
PLACES = {
    "AWS::EC2::Instance": ((), "SubnetId", GROUPS),
    "AWS::EC2::VPCEndpoint": ((), "SubnetIds", GROUPS),
    "AWS::ECS::Service": (("NetworkConfiguration", "AwsvpcConfiguration"), "Subnets", "SecurityGroups"),
    "AWS::EFS::MountTarget": ((), "SubnetId", "SecurityGroups"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ((), "Subnets", "SecurityGroups"),
    "AWS::Lambda::Function": (("VpcConfig",), "SubnetIds", GROUPS),
}
"""Where each type names its subnets and its groups."""
APPLIES_TO = tuple(PLACES)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for kind, (below, subnets, groups) in PLACES.items():
            for logical, properties in stack.of_type(kind):
                holder = properties
                for key in below:
                    holder = as_mapping(holder.get(key))
                for group, why_not in strangers(
                    stack, as_list(holder.get(subnets, [])), as_list(holder.get(groups, []))
                ):
                    path = properties_path(logical, *below, groups)
                    message = f"{logical} has the security group {group}, {why_not}"
                    yield stack.finding(path, message, f"set VpcId of {group} to the VPC of the subnets")


def strangers(stack: Stack, subnets: list[object], groups: list[object]) -> Iterator[tuple[str, str]]:
    """Give the groups of the stack that are not of the VPC in which the stack creates the subnets."""
    known, own = resources_by_name(stack, "AWS::EC2::Subnet"), resources_by_name(stack, "AWS::EC2::SecurityGroup")
    vpcs = [vpc_of(stack, known[str(subnet)]) for subnet in subnets if str(subnet) in known]
    if not vpcs or vpcs.count(vpcs[0]) < len(subnets):
        return
    for group in (own[str(group)] for group in groups if str(group) in own):
        vpc = vpc_of(stack, group)
        if vpc is None:
            yield group, "which names no VPC and so is of the default one"
        elif vpc != vpcs[0]:
            yield group, "which is of another VPC than its subnets"
