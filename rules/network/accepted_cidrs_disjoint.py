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
    chosen = []
    for stack in deployment.stacks:
        for vpc, parameter, value in by_parameter(stack):
            declared = declarations(stack.template)[parameter]
            chosen.append(Chosen(stack, vpc, parameter, value, *acceptance.accepted(declared, near)))
    for choice in chosen:
        for text in (*choice.others, *(str(cidr) for cidr in choice.blocks if not fits_vpc(cidr)))[:1]:
            message = f"{choice.parameter} accepts {text!r}, which no VPC can have"
            yield choice.stack.finding(("Parameters", choice.parameter), message, FIX)
        yield from too_small(choice)
    clashes: dict[tuple[str, str], tuple[str, str] | None] = {}
    for choice, other in product(chosen, chosen):
        if (
            choice.stack is deployment.source
            and other.stack is deployment.target
            and choice.parameter != other.parameter
        ):
            named = choice.parameter, other.parameter
            if named not in clashes:
                clashes[named] = clash(choice, other)
            if both := clashes[named]:
                regions = (
                    f"{choice.vpc} of {choice.stack.scenario.region} and {other.vpc} of {other.stack.scenario.region}"
                )
                message = f"{choice.parameter} accepts {both[0]} and {other.parameter} {both[1]}: {regions} overlap"
                yield choice.stack.finding(("Parameters", choice.parameter), message, FIX)


def by_parameter(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Give each VPC whose block is the value of a parameter, with the parameter and the value."""
    for logical, properties in stack.of_type("AWS::EC2::VPC"):
        node = stack.template.value
        for key in stack.origin(properties_path(logical, "CidrBlock")):
            node = node[key]
        if isinstance(node, dict) and node.get("Ref") in stack.template.value.get("Parameters", {}):
            yield logical, node["Ref"], str(properties["CidrBlock"])


def too_small(choice: Chosen) -> Iterator[Finding]:
    """Find that the template cannot be worked out for the smallest block accepted: its subnets do not fit."""
    least = max((cidr for cidr in choice.blocks if fits_vpc(cidr)), key=lambda cidr: cidr.prefixlen)
    if not choice.value.endswith(f"/{least.prefixlen}"):
        try:
            resolve(
                choice.stack.template, acceptance.with_parameters(choice.stack.scenario, {choice.parameter: str(least)})
            )
        except CannotTell as error:
            message = f"{choice.parameter} accepts {least}, for which the template fails: {error.message}"
            yield choice.stack.finding(("Parameters", choice.parameter), message, FIX)


def clash(first: Chosen, second: Chosen) -> tuple[str, str] | None:
    """Return the first pair of accepted blocks that overlap and that Rules let through."""
    theirs = set(second.blocks)
    equal = [(str(cidr), str(cidr)) for cidr in first.blocks if cidr in theirs]
    lengths = {cidr.prefixlen for cidr in (*first.blocks, *second.blocks)}
    unequal = (
        [] if len(lengths) == 1 else held(first.blocks, second.blocks) + held(second.blocks, first.blocks, swap=True)
    )
    for mine, its in (*unequal[:TRIED], *equal[:TRIED]):
        both = {first.parameter: mine, second.parameter: its}
        if not any(
            acceptance.refusal(side.template, acceptance.with_parameters(side.scenario, both))
            for side in (first.stack, second.stack)
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
