"""What the access lists of subnets let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import is_true
from stackproof.topology.resource_index import resources_by_name
from stackproof.topology.security_groups import holds

ALL, TCP, UDP = ("-1", "all"), ("6", "tcp"), ("17", "udp")


class AclEntry(NamedTuple):
    """An entry of an access list: its logical id, number, direction, verdict, block, and ports of TCP."""

    logical: str
    number: float
    is_egress: bool
    allows: bool
    block: str
    first: int
    last: int

    @property
    def is_of_answers(self) -> bool:
        """Tell whether its ports are those that clients choose, and not those of a service."""
        return self.first >= 1024 and self.last - self.first >= 10_000


@memoised
def entries(stack: Stack, acl: str, protocols: tuple[str, ...] = TCP) -> tuple[AclEntry, ...]:
    """Return the entries of an access list that are for a protocol, in the order in which they are tried."""
    acls = resources_by_name(stack, "AWS::EC2::NetworkAcl")
    found = []
    for logical, properties in stack.of_type("AWS::EC2::NetworkAclEntry"):
        if acls.get(str(properties.get("NetworkAclId"))) == acl and str(properties.get("Protocol")) in (
            *ALL,
            *protocols,
        ):
            found.append(_entry(logical, properties))
    return tuple(sorted(found, key=lambda entry: entry.number))


def numbered_twice(stack: Stack, acl: str) -> Iterator[tuple[str, str]]:
    """Give the entries of an access list that have the number and the direction of one before them, each with that."""
    acls = resources_by_name(stack, "AWS::EC2::NetworkAcl")
    first: dict[tuple[bool, int], str] = {}
    for logical, properties in stack.of_type("AWS::EC2::NetworkAclEntry"):
        if acls.get(str(properties.get("NetworkAclId"))) == acl:
            key = (is_true(properties.get("Egress")), _number(properties.get("RuleNumber")))
            if first.setdefault(key, logical) != logical:
                yield logical, first[key]


def _entry(logical: str, properties: Mapping[str, Any]) -> AclEntry:
    ports = properties.get("PortRange") or {}
    every = str(properties.get("Protocol")) in ALL or "From" not in ports
    first, last = (0, 65535) if every else (_number(ports.get("From")), _number(ports.get("To", ports.get("From"))))
    block = str(properties.get("CidrBlock", properties.get("Ipv6CidrBlock", "")))
    allows = str(properties.get("RuleAction")).lower() == "allow"
    number = _number(properties.get("RuleNumber"))
    return AclEntry(logical, number, is_true(properties.get("Egress")), allows, block, first, last)


def _number(value: Any) -> int:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return 0


def allowed(listed: Sequence[AclEntry], is_egress: bool, block: str, port: int) -> bool:
    """Tell whether a port of TCP is let through for all of a block, by the first entry that is for it."""
    for entry in listed:
        if entry.is_egress == is_egress and entry.first <= port <= entry.last and holds(entry.block, block):
            return entry.allows
    return False


def acls_of_subnets(stack: Stack) -> Iterator[tuple[str, str]]:
    """Give each access list of the stack that a subnet is given, with it ("" if not of the stack)."""
    acls, subnets = resources_by_name(stack, "AWS::EC2::NetworkAcl"), resources_by_name(stack, "AWS::EC2::Subnet")
    for _, properties in stack.of_type("AWS::EC2::SubnetNetworkAclAssociation"):
        acl = acls.get(str(properties.get("NetworkAclId")))
        if acl:
            yield acl, subnets.get(str(properties.get("SubnetId")), "")
