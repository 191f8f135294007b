"""No block of addresses is created while an overlapping one is still there: of a subnet in its VPC, of a peered VPC.

Subnets that are cut anew overlap the old ones, which go only at the end of the update, and EC2 refuses them. Two VPCs
that swap blocks, or take over each other's, overlap between the updates of the two stacks, and peering between them
is refused.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Finding, Stack, resource_of
from stackproof.aws.cidr import parse
from stackproof.changes.resource import ACTIONS
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update

APPLIES_TO = ("AWS::EC2::Subnet", "AWS::EC2::VPC")
SUBNET, VPC, PEERING = "AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::EC2::VPCPeeringConnection"


def check(update: Update) -> Iterator[Finding]:
    for side in update.sides:
        yield from subnets(side)
    if any(change.comes and change.kind == VPC for _, change in update.changes):
        yield from networks(update)


def subnets(side: StackUpdate) -> Iterator[Finding]:
    leaving = [change for change in side.changes if change.before and change.before["Type"] == SUBNET and change.leaves]
    for change in side.changes:
        if change.kind != SUBNET or not change.comes:
            continue
        own = change.properties_of("after")
        for old in leaving:
            theirs = old.properties_of("before")
            if overlap(own, theirs) and same_network(side, own.get("VpcId"), theirs.get("VpcId")):
                fate = f"is {ACTIONS[old.fate]}" if old.fate else "goes"
                message = (
                    f"{change.logical} is created with {own['CidrBlock']} while the old {old.logical} still has "
                    f"{theirs['CidrBlock']}, and {fate} only at the end"
                )
                fix = "take a block that is free, and move to it by an update more; or leave the subnet as it is"
                yield side.finding(change, message, fix, "Properties", "CidrBlock")


def overlap(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    own, theirs = (parse(str(properties.get("CidrBlock"))) for properties in (first, second))
    return own is not None and theirs is not None and own.overlaps(theirs)


def same_network(side: StackUpdate, after: Any, before: Any) -> bool:
    """Tell whether both are in one VPC, which is no other one after the update."""
    logical = resource_of(side.before, before, VPC)
    return after == before and (logical is None or side.stays(logical))


def networks(update: Update) -> Iterator[Finding]:
    """Give VPCs of the first stack that overlap the other's as it is until its own update, where they are peered."""
    first, second = update.in_order
    if not any([*stack.of_type(PEERING)] for stack in (first.after, second.before)):
        return
    for change in first.changes:
        if change.kind == VPC and change.comes:
            for logical, theirs in second.before.of_type(VPC):
                if overlap(change.properties_of("after"), theirs) and not overlaps_after(
                    change.properties_of("after"), second.after
                ):
                    message = (
                        f"{change.logical} is created with {change.properties_of('after')['CidrBlock']} while "
                        f"{logical} of the {second.side} stack still has {theirs['CidrBlock']}"
                    )
                    fix = "take a block that neither side has, or remove the peering in an update before"
                    yield first.finding(change, message, fix, "Properties", "CidrBlock")


def overlaps_after(own: Mapping[str, Any], stack: Stack) -> bool:
    return any(overlap(own, theirs) for _, theirs in stack.of_type(VPC))
