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

    first: str
    second: str


class Open(NamedTuple):
    """What could not be read, for this reason: it may be true or false."""

    reason: str


Atom = Is | Same | Open


def negation(statement: Statement) -> Statement:
    if isinstance(statement, bool):
        return not statement
    if isinstance(statement, tuple) and statement[0] == "not":
        return statement[1]
    return ("not", statement)


def all_of(parts: Iterable[Statement]) -> Statement:
    return _of("and", parts, True)


def any_of(parts: Iterable[Statement]) -> Statement:
    return _of("or", parts, False)


def _of(kind: str, parts: Iterable[Statement], neutral: bool) -> Statement:
    statements: set[Statement] = set()
    for part in parts:
        if isinstance(part, bool):
            if part is not neutral:
                return not neutral
        elif isinstance(part, tuple) and part[0] == kind:
            statements |= part[1]
        else:
            statements.add(part)
    if not statements:
        return neutral
    return next(iter(statements)) if len(statements) == 1 else (kind, frozenset(statements))


def with_truths(statement: Statement, truths: Mapping[int, bool], known: dict[Statement, Statement]) -> Statement:
    """Return a statement with the truth of some atoms put in; `known` keeps results for these truths."""
    if isinstance(statement, bool):
        return statement
    if isinstance(statement, int):
        return truths.get(statement, statement)
    found = known.get(statement)
    if found is None:
        kind, inner = statement
        if kind == "not":
            found = negation(with_truths(inner, truths, known))
        else:
            parts = [with_truths(part, truths, known) for part in inner]
            found = all_of(parts) if kind == "and" else any_of(parts)
        known[statement] = found
    return found


def atoms_of(statement: Statement) -> set[int]:
    """Return the numbers of the atoms that a statement speaks of."""
    if isinstance(statement, bool):
        return set()
    if isinstance(statement, int):
        return {statement}
    inner = [statement[1]] if statement[0] == "not" else statement[1]
    return set[int]().union(*(atoms_of(part) for part in inner))
