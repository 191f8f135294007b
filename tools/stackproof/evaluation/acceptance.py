"""What a template accepts before anything is created: other regions, other parameter values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import Any

from stackproof.automata import search, sets
from stackproof.automata.pattern import Pattern, Undecided, java
from stackproof.evaluation.assertions import check_assertions
from stackproof.evaluation.conditions import Conditions
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.scope import Scope, scope
from stackproof.evaluation.transformed import expanded
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.template.parameters import Declaration


class _Asked(Scope):
    """A scope that is only asked: to look for the place of what refuses would take longer than all the rest."""

    def refuse(self, node: Any, message: str, fix: str = "") -> CannotTell:
        del node
        return CannotTell(message, fix=fix)


def refusal(template: Document, scenario: Scenario) -> str:
    """Return why CloudFormation refuses a scenario before it creates anything, "" if it does not."""
    try:
        whole = scope(expanded(scenario.template or template, scenario), scenario)
        inner = _Asked(**{field.name: getattr(whole, field.name) for field in fields(whole)})
        check_assertions(inner, Conditions(inner))
    except CannotTell as error:
        return error.message
    return ""


def with_parameters(scenario: Scenario, values: Mapping[str, str]) -> Scenario:
    """Return a scenario with some parameters given otherwise."""
    return replace(scenario, parameters={**scenario.parameters, **values})


def accepts(declaration: Declaration, value: str) -> bool:
    """Tell whether the constraints of a parameter let a text through."""
    return _accepts(_constraints(declaration), value)


FEW = 4_096
OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
BLOCK = rf"{OCTET}(\.{OCTET}){{3}}/(3[0-2]|[12]?[0-9])"
Constraints = tuple[Pattern | None, tuple[str, ...], float, float]


def _constraints(declaration: Declaration) -> Constraints:
    return (
        declaration.pattern,
        declaration.allowed,
        declaration.limits.get("MinLength", 0),
        declaration.limits.get("MaxLength", 4096),
    )


def _accepts(constraints: Constraints, value: str) -> bool:
    pattern, allowed, least, most = constraints
    fits = least <= len(value) <= most and (not allowed or value in allowed)
    try:
        return fits and (pattern is None or pattern.accepts(value))
    except Undecided:
        return fits


def accepted(declaration: Declaration, near: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[IPv4Network, ...]]:
    """Return what a parameter accepts among the texts near some CIDR blocks: what is no block, and blocks.

    The values that AllowedValues lists are all among them.
    """
    return _accepted(_constraints(declaration), near)


@cache
def _accepted(constraints: Constraints, near: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[IPv4Network, ...]]:
    others, blocks = [], []
    for text in dict.fromkeys((*_tried(constraints[0], near), *constraints[1])):
        if _accepts(constraints, text):
            try:
                blocks.append(IPv4Network(text))
            except ValueError:
                others.append(text)
    return tuple(others), tuple(blocks)


def _tried(pattern: Pattern | None, near: tuple[str, ...]) -> Iterator[str]:
    """Give every text of a pattern that has few, of another those near some blocks and a shortest that is no block."""
    try:
        if pattern is not None:
            known = pattern.automaton()
            every = search.some(known, FEW + 1)
            if len(every) <= FEW:
                yield from every
                return
            strange = sets.outside(known, java(BLOCK))
            yield from [strange] if strange is not None else ()
    except Undecided:
        pass
    yield from (neighbour for value in near for neighbour in neighbours(value))


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
