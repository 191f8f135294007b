"""What a template accepts before anything is created: other regions, other parameter values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import Any

from stackproof.assertions import check_assertions
from stackproof.conditions import Conditions
from stackproof.document import Document
from stackproof.finding import CannotTell
from stackproof.parameters import text
from stackproof.scenario import Scenario
from stackproof.scope import scope


def refusal(template: Document, scenario: Scenario) -> str:
    """Return why CloudFormation refuses a scenario before it creates anything, "" if it does not."""
    try:
        inner = scope(template, scenario)
        check_assertions(inner, Conditions(inner))
    except CannotTell as error:
        return error.message
    return ""


def with_parameters(scenario: Scenario, values: Mapping[str, str]) -> Scenario:
    """Return a scenario with some parameters given otherwise."""
    return replace(scenario, parameters={**scenario.parameters, **values})


def accepts(declared: Mapping[str, Any], value: str) -> bool:
    """Tell whether the constraints of a parameter, as declared, let a text through."""
    if "AllowedValues" in declared and value not in [text(one) for one in declared["AllowedValues"]]:
        return False
    if not float(declared.get("MinLength", 0)) <= len(value) <= float(declared.get("MaxLength", 4096)):
        return False
    return re.fullmatch(declared.get("AllowedPattern", ".*"), value, re.S) is not None


def accepted(declared: Mapping[str, Any], near: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[IPv4Network, ...]]:
    """Return what a parameter accepts among the texts near some CIDR blocks: what is no block, and blocks.

    The values that AllowedValues lists are all among them.
    """
    return _accepted(json.dumps(declared, default=str), near)


@cache
def _accepted(declared: str, near: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[IPv4Network, ...]]:
    parameter = json.loads(declared)
    tried = (neighbour for value in near for neighbour in neighbours(value))
    texts = dict.fromkeys((*tried, *(text(one) for one in parameter.get("AllowedValues", []))))
    others, blocks = [], []
    for one in texts:
        if accepts(parameter, one):
            try:
                blocks.append(IPv4Network(one))
            except ValueError:
                others.append(one)
    return tuple(others), tuple(blocks)


@cache
def neighbours(block: str) -> tuple[str, ...]:
    """Return the texts next to a CIDR block: each with one number changed, some beyond what an address can hold.

    They are the blocks that differ in one octet, and those of every length that hold the block or begin as it does.
    """
    return tuple(dict.fromkeys(_neighbours(block)))


def _neighbours(block: str) -> Iterator[str]:
    yield block
    address, _, length = block.partition("/")
    octets = address.split(".")
    for place in range(len(octets)):
        for octet in (*range(256), 256, 999):
            yield f"{'.'.join([*octets[:place], str(octet), *octets[place + 1 :]])}/{length}"
    for other in range(33):
        yield f"{address}/{other}"
        try:
            yield str(ip_network(f"{address}/{other}", strict=False))
        except ValueError:
            return
