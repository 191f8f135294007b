"""Statements about a stack's parameters, made of atoms: what Conditions and Rules say, before any value is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Statement = Any
"""True, False, the number of an atom, ("not", statement), or ("and" | "or", frozenset of statements)."""


class Is(NamedTuple):
    """The value of a parameter is among some texts; `key` tells such sets apart."""

    name: str
    key: Any


class Same(NamedTuple):
    """Two parameters have the same value."""

    one: str
    other: str


class Open(NamedTuple):
    """What could not be read, for this reason: it may be true or false."""

    reason: str


Atom = Is | Same | Open


def negation(one: Statement) -> Statement:
    if isinstance(one, bool):
        return not one
    if isinstance(one, tuple) and one[0] == "not":
        return one[1]
    return ("not", one)


def all_of(parts: Iterable[Statement]) -> Statement:
    return _of("and", parts, True)


def any_of(parts: Iterable[Statement]) -> Statement:
    return _of("or", parts, False)


def _of(kind: str, parts: Iterable[Statement], neutral: bool) -> Statement:
    kept: set[Statement] = set()
    for part in parts:
        if isinstance(part, bool):
            if part is not neutral:
                return not neutral
        elif isinstance(part, tuple) and part[0] == kind:
            kept |= part[1]
        else:
            kept.add(part)
    if not kept:
        return neutral
    return next(iter(kept)) if len(kept) == 1 else (kind, frozenset(kept))


def given(one: Statement, truths: Mapping[int, bool], known: dict[Statement, Statement]) -> Statement:
    """Return a statement with the truth of some atoms put in; `known` keeps results for these truths."""
    if isinstance(one, bool):
        return one
    if isinstance(one, int):
        return truths.get(one, one)
    found = known.get(one)
    if found is None:
        kind, inner = one
        if kind == "not":
            found = negation(given(inner, truths, known))
        else:
            parts = [given(part, truths, known) for part in inner]
            found = all_of(parts) if kind == "and" else any_of(parts)
        known[one] = found
    return found


def atoms_of(one: Statement) -> set[int]:
    """Return the numbers of the atoms that a statement speaks of."""
    if isinstance(one, bool):
        return set()
    if isinstance(one, int):
        return {one}
    inner = [one[1]] if one[0] == "not" else one[1]
    return set[int]().union(*(atoms_of(part) for part in inner))
