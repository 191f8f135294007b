"""Whatever blocks the parameters accept, each is one that a VPC can have, and those of two regions are disjoint.

The scenarios try a few blocks; an operator may give any that the template accepts. Every accepted text is tried that
differs from a scenario's in one octet or in its length: the pattern has to leave blocks that are equal or apart, and
Rules have to refuse equal ones, for Rules cannot calculate and a peering of overlapping VPCs fails.
Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import product
from typing import NamedTuple

from stackproof.api import CannotTell, Deployment, Finding, Stack, acceptance, declarations, properties_path, resolve
from stackproof.topology.network import fits_vpc

APPLIES_TO = ("AWS::EC2::VPC",)
FIX = "narrow AllowedPattern, or assert it in Rules"
TRIED = 2
"""How many pairs of blocks that overlap are put to Rules, which treat all alike."""


class Chosen(NamedTuple):
    """A VPC whose block is the value of a parameter, with what that parameter accepts."""

    stack: Stack
    vpc: str
    parameter: str
    value: str
    others: tuple[str, ...]
    blocks: tuple[IPv4Network, ...]


def check(deployment: Deployment) -> Iterator[Finding]:
    near = tuple(value for stack in deployment.stacks for _, _, value in by_parameter(stack))
    given = []
    for stack in deployment.stacks:
        for vpc, parameter, value in by_parameter(stack):
            declared = declarations(stack.template)[parameter]
            given.append(Chosen(stack, vpc, parameter, value, *acceptance.accepted(declared, near)))
    for one in given:
        for text in (*one.others, *(str(cidr) for cidr in one.blocks if not fits_vpc(cidr)))[:1]:
            message = f"{one.parameter} accepts {text!r}, which no VPC can have"
            yield one.stack.finding(("Parameters", one.parameter), message, FIX)
        yield from too_small(one)
    clashes: dict[tuple[str, str], tuple[str, str] | None] = {}
    for one, other in product(given, given):
        if one.stack is deployment.source and other.stack is deployment.target and one.parameter != other.parameter:
            named = one.parameter, other.parameter
            if named not in clashes:
                clashes[named] = clash(one, other)
            if both := clashes[named]:
                regions = f"{one.vpc} of {one.stack.scenario.region} and {other.vpc} of {other.stack.scenario.region}"
                message = f"{one.parameter} accepts {both[0]} and {other.parameter} {both[1]}: {regions} overlap"
                yield one.stack.finding(("Parameters", one.parameter), message, FIX)


def by_parameter(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Give each VPC whose block is the value of a parameter, with the parameter and the value."""
    for logical, properties in stack.of_type("AWS::EC2::VPC"):
        node = stack.template.value
        for key in stack.origin(properties_path(logical, "CidrBlock")):
            node = node[key]
        if isinstance(node, dict) and node.get("Ref") in stack.template.value.get("Parameters", {}):
            yield logical, node["Ref"], str(properties["CidrBlock"])


def too_small(one: Chosen) -> Iterator[Finding]:
    """Find that the template cannot be worked out for the smallest block accepted: its subnets do not fit."""
    least = max((cidr for cidr in one.blocks if fits_vpc(cidr)), key=lambda cidr: cidr.prefixlen)
    if not one.value.endswith(f"/{least.prefixlen}"):
        try:
            resolve(one.stack.template, acceptance.with_parameters(one.stack.scenario, {one.parameter: str(least)}))
        except CannotTell as error:
            message = f"{one.parameter} accepts {least}, for which the template fails: {error.message}"
            yield one.stack.finding(("Parameters", one.parameter), message, FIX)


def clash(one: Chosen, other: Chosen) -> tuple[str, str] | None:
    """Return the first pair of accepted blocks that overlap and that Rules let through."""
    theirs = set(other.blocks)
    equal = [(str(cidr), str(cidr)) for cidr in one.blocks if cidr in theirs]
    lengths = {cidr.prefixlen for cidr in (*one.blocks, *other.blocks)}
    unequal = [] if len(lengths) == 1 else held(one.blocks, other.blocks) + held(other.blocks, one.blocks, swap=True)
    for mine, its in (*unequal[:TRIED], *equal[:TRIED]):
        both = {one.parameter: mine, other.parameter: its}
        if not any(
            acceptance.refusal(side.template, acceptance.with_parameters(side.scenario, both))
            for side in (one.stack, other.stack)
        ):
            return mine, its
    return None


def held(few: tuple[IPv4Network, ...], many: tuple[IPv4Network, ...], *, swap: bool = False) -> list[tuple[str, str]]:
    """Return pairs of a block and a larger one that holds it, the other way round if `swap`."""
    all_of_many, lengths = set(many), {cidr.prefixlen for cidr in many}
    pairs = [
        (str(cidr), str(wide))
        for cidr in few
        for wide in (cidr.supernet(new_prefix=length) for length in lengths if length < cidr.prefixlen)
        if wide in all_of_many
    ]
    return [(wide, cidr) for cidr, wide in pairs] if swap else pairs
