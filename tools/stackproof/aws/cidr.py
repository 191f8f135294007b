"""Arithmetic on CIDR blocks."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache


def subnets(block: str, count: int, bits: int) -> list[str]:
    """Cut a CIDR block into `count` (1 to 256) blocks of 2**bits addresses; raise ValueError if it holds fewer.

    Source: CloudFormation Template Reference, "Fn::Cidr".
    """
    return [*_subnets(block, count, bits)]


@lru_cache(maxsize=1024)
def _subnets(block: str, count: int, bits: int) -> tuple[str, ...]:
    network = parse(block)
    if not 1 <= count <= 256:
        raise ValueError("the count must be 1 to 256")
    prefix = network.max_prefixlen - bits
    if bits < 1 or prefix < network.prefixlen or count > 2 ** (prefix - network.prefixlen):
        raise ValueError(f"{block} does not hold {count} blocks of {bits} bits")
    make = type(network.network_address)
    first = int(network.network_address)
    return tuple(f"{make(first + number * 2**bits)}/{prefix}" for number in range(count))


def parse(block: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Read a block written as address/prefix; raise ValueError for anything else that `ipaddress` takes for one."""
    if not re.fullmatch("[0-9a-fA-F.:]+/[0-9]{1,3}", block):
        raise ValueError(f"{block!r} is no CIDR block")
    return ipaddress.ip_network(block)


def overlap(first: str, second: str) -> bool:
    """Tell whether two CIDR blocks share an address; raise ValueError for text that is no block."""
    return _network(first).overlaps(_network(second))


_network = lru_cache(maxsize=4096)(ipaddress.ip_network)
