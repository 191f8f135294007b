"""What security groups let through: rules inside them and in resources of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, Literal, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import holds_unknown
from stackproof.topology.resource_index import resources_by_name
from stackproof.topology.texts import of_functions

GROUP = "AWS::EC2::SecurityGroup"
Direction = Literal["Ingress", "Egress"]
PEERS = ("SourceSecurityGroupId", "DestinationSecurityGroupId", "SourceSecurityGroupName")
LISTS = ("SourcePrefixListId", "DestinationPrefixListId")


class GroupRule(NamedTuple):
    """A rule of a security group, as it stands."""

    value: Mapping[str, Any]

    def opens(self, port: int) -> bool:
        """Tell whether it is for a port of TCP; a port that only AWS knows may be that one."""
        protocol = str(self.value.get("IpProtocol"))
        first, last = str(self.value.get("FromPort", -1)), str(self.value.get("ToPort", -1))
        if holds_unknown(protocol + first + last):
            return True
        return protocol == "-1" or (protocol in ("tcp", "6") and (first == "-1" or int(first) <= port <= int(last)))

    @property
    def groups(self) -> list[str]:
        return [str(self.value[name]) for name in PEERS if name in self.value]

    @property
    def block(self) -> str:
        return str(self.value.get("CidrIp", ""))

    @property
    def leads_out(self) -> bool:
        """Tell whether it may be for public addresses of IPv4: what only AWS knows may be."""
        if any(name in self.value for name in LISTS):
            return True
        return bool(self.block) and (holds_unknown(self.block) or not is_private(self.block))

    def meets(self, groups: Iterable[str], blocks: Iterable[str]) -> bool:
        """Tell whether it may be for what has one of some security groups, or stands in one of some blocks."""
        if any(name in self.value for name in LISTS) or any(
            member in groups or of_functions(member) for member in self.groups
        ):
            return True
        known = list(blocks)
        return bool(self.block) and (not known or any(holds(self.block, block) for block in known))


@memoised
def group_rules(stack: Stack, group: str, direction: Direction) -> tuple[GroupRule, ...] | None:
    """Return what a security group lets in or out; None where it states nothing, and so lets everything out.

    Source: CloudFormation Template Reference, AWS::EC2::SecurityGroupEgress: a rule of its own takes the place of the
    default, which allows all.
    """
    groups = resources_by_name(stack, GROUP)
    name = f"SecurityGroup{direction}"
    apart = [
        properties
        for _, properties in stack.of_type(f"AWS::EC2::{name}")
        if groups.get(str(properties.get("GroupId"))) == group
    ]
    stated = stack.resources[group].get("Properties", {}).get(name)
    if direction == "Egress" and not stated and not apart:
        return None
    listed: Sequence[Any] = [*(stated if isinstance(stated, list) else []), *apart]
    return tuple(GroupRule(value) for value in listed if isinstance(value, dict))


def lets(stack: Stack, groups: Iterable[str], direction: Direction, port: int) -> bool:
    """Tell whether one of some security groups lets a port of TCP through, for whomever."""
    found = [group_rules(stack, group, direction) for group in groups]
    return any(rules is None or any(rule.opens(port) for rule in rules) for rules in found)


def is_private(block: str) -> bool:
    """Tell whether a block holds private addresses alone."""
    try:
        return ip_network(block, strict=False).is_private and not block.endswith("/0")
    except ValueError:
        return False


def holds(outer: str, inner: str) -> bool:
    """Tell whether a block may hold another: what is no block may."""
    try:
        whole, part = ip_network(outer, strict=False), ip_network(inner, strict=False)
    except ValueError:
        return True
    return whole.version == part.version and part.subnet_of(whole)  # type: ignore[arg-type]
