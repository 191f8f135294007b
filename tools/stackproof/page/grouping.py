"""What a picture of two stacks shows: which resources, in which groups, and by which of them the rest is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.topology.network import functions_in_vpc, is_public
from stackproof.topology.resource_index import resources_by_name

PARTS = frozenset(
    {
        "AWS::Backup::BackupSelection",
        "AWS::EC2::EIP",
        "AWS::EC2::Route",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::KMS::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)
"""Types that are shown by what they belong to."""
TITLES = (
    ("Storage and data", ("AWS::S3::", "AWS::DynamoDB::", "AWS::RDS::", "AWS::EFS::")),
    ("Stream and compute", ("AWS::Kinesis::", "AWS::Lambda::", "AWS::SSM::", "AWS::CloudFormation::", "Custom::")),
    ("Messages", ("AWS::SNS::", "AWS::SQS::")),
    ("Backups", ("AWS::Backup::",)),
    ("Watching", ("AWS::CloudWatch::", "AWS::Route53::", "AWS::Events::")),
    ("Roles and keys", ("AWS::IAM::", "AWS::KMS::")),
    ("Others", ("",)),
)
"""The groups, with what the types of their members begin with."""


class Group(NamedTuple):
    """Resources that stand together, of either stack, by id; `frame` is the resource that holds them, if one does."""

    title: str
    members: tuple[str, ...]
    inside: tuple[Group, ...] = ()
    frame: str = ""

    def everyone(self) -> Iterator[str]:
        yield from (self.frame, *self.members)
        for group in self.inside:
            yield from group.everyone()


def groups(deployment: Deployment) -> tuple[Group, ...]:
    """Return the groups of two stacks, the same for both sides, so that what one side lacks leaves a gap there."""
    types: dict[str, str] = {}
    for stack in deployment.stacks:
        types.update({logical: resource["Type"] for logical, resource in stack.resources.items()})
    order = [logical for logical in deployment.source.template.value["Resources"] if logical in types]
    networks = tuple(_networks(deployment, order, types))
    placed = {logical for group in networks for logical in group.everyone()}
    rest = [logical for logical in order if types[logical] not in PARTS and logical not in placed]
    found = list(networks)
    for title, starts in TITLES:
        members = tuple(logical for logical in rest if types[logical].startswith(starts))
        rest = [logical for logical in rest if logical not in members]
        if members:
            found.append(Group(title, members))
    return tuple(found)


def _networks(deployment: Deployment, order: Sequence[str], types: Mapping[str, str]) -> Iterator[Group]:
    for vpc in [logical for logical in order if types[logical] == "AWS::EC2::VPC"]:
        public: dict[str, None] = {}
        private: dict[str, None] = {}
        around: dict[str, None] = {}
        for stack in deployment.stacks:
            held = _held(stack, vpc)
            subnets = [member for member in held if stack.resources[member]["Type"] == "AWS::EC2::Subnet"]
            public.update(dict.fromkeys(subnet for subnet in subnets if is_public(stack, subnet)))
            private.update(dict.fromkeys(subnet for subnet in subnets if not is_public(stack, subnet)))
            public.update(dict.fromkeys(logical for logical, at in _stands_in(stack).items() if at in public))
            private.update(dict.fromkeys(logical for logical, at in _stands_in(stack).items() if at in private))
            around.update(dict.fromkeys(held))
        members = tuple(logical for logical in order if logical in around and logical not in {*public, *private})
        bands = (Group("public subnets", _sorted(order, public)), Group("private subnets", _sorted(order, private)))
        yield Group(vpc, members, tuple(band for band in bands if band.members), vpc)


def _sorted(order: Sequence[str], found: Mapping[str, None]) -> tuple[str, ...]:
    return tuple(logical for logical in order if logical in found)


def _held(stack: Stack, vpc: str) -> list[str]:
    """Return what a VPC holds, and what is attached to it."""
    vpcs = resources_by_name(stack, "AWS::EC2::VPC")
    gateways = resources_by_name(stack, "AWS::EC2::InternetGateway")
    held = []
    for logical, resource in stack.resources.items():
        properties = resource.get("Properties", {})
        if not resource["Type"].startswith("AWS::EC2::") or vpcs.get(str(properties.get("VpcId"))) != vpc:
            continue
        if resource["Type"] not in PARTS:
            held.append(logical)
        elif str(properties.get("InternetGatewayId")) in gateways:
            held.append(gateways[str(properties["InternetGatewayId"])])
    return held


def _stands_in(stack: Stack) -> dict[str, str]:
    """Return the NAT gateways and functions that stand in a subnet, with the first of their subnets."""
    subnets = resources_by_name(stack, "AWS::EC2::Subnet")
    found = {
        logical: subnets.get(str(properties.get("SubnetId")), "")
        for logical, properties in stack.of_type("AWS::EC2::NatGateway")
    }
    found |= {function: subnets_of[0] for function, subnets_of, _ in functions_in_vpc(stack) if subnets_of}
    return found


def shown_by(stack: Stack) -> Mapping[str, str]:
    """Return, for each resource of a stack, the one that shows it: itself, or the nearest that it is a part of.

    What is a part of nothing, as a log group, is shown by what uses it.
    """
    return {logical: _host(stack, logical) for logical in stack.resources}


def _host(stack: Stack, logical: str) -> str:
    waiting, met = [logical], {logical}
    service = stack.resources[logical]["Type"].rpartition("::")[0]
    while waiting:
        shown = [waiter for waiter in waiting if stack.resources[waiter]["Type"] not in PARTS]
        if shown:
            return min(shown, key=lambda waiter: (not stack.resources[waiter]["Type"].startswith(service), waiter))
        waiting = [waiter for part in waiting for waiter in sorted(stack.depends[part] - met)]
        met.update(waiting)
    users = [
        user
        for user in stack.resources
        if logical in stack.depends[user] and stack.resources[user]["Type"] not in PARTS
    ]
    return min(users, key=lambda user: (stack.resources[user]["Type"].startswith("AWS::IAM::"), user), default=logical)
