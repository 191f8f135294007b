"""What an expression of a code may be worth, as far as the text alone tells."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from stackproof.code.scopes import Function, Scope

Written = tuple[ast.expr, Scope]
"""An expression and the scope that its names are looked up in."""


class Unknown(NamedTuple):
    """What only running the code would tell."""

    node: ast.AST | None = None


class Known(NamedTuple):
    """A constant."""

    value: Any


class Dotted(NamedTuple):
    """A module, or something in it, by its full name."""

    name: str


class Variable(NamedTuple):
    """A variable of the environment, and what is taken where it is not set (None if that fails)."""

    name: str
    default: tuple[Any, ...] | None = None


class Client(NamedTuple):
    """A boto3 client or resource; of a resource's object `kind` says which, `arguments` what it was made with.

    `service` is "" where the code does not say it in words.
    """

    service: str
    region: tuple[Any, ...] = ()
    kind: str = "client"
    arguments: tuple[tuple[str, tuple[Any, ...]], ...] = ()


class HandlerInput(NamedTuple):
    """What a function is given from outside: the event or the context of the handler."""

    name: str


class Method(NamedTuple):
    """An attribute of a value that is not known to be anything else."""

    owner: Any
    name: str


class Meta(NamedTuple):
    """The `meta` of a client."""

    client: Client


class Reply(NamedTuple):
    """What a call of a client's method returns."""

    client: Client
    method: str
    call: ast.Call
    scope: Scope


class Part(NamedTuple):
    """A member of a value, by its key or index."""

    base: Any
    key: Any


class Item(NamedTuple):
    """Any one of the members of a list that is given from outside."""

    base: Any


class Parsed(NamedTuple):
    """A text read as JSON."""

    base: Any


class Joined(NamedTuple):
    """A text put together; each part may be any of some values."""

    parts: tuple[tuple[Any, ...], ...]


class Routine(NamedTuple):
    """A function of the code."""

    node: Function


class Display(NamedTuple):
    """A list, tuple, set, mapping or comprehension as it is written, and what was put into it later.

    `later` holds pairs of key (None for what was appended) and value.
    """

    node: ast.expr
    scope: Scope
    later: tuple[tuple[ast.expr | None, ast.expr, Scope], ...] = ()


Value = (
    Unknown
    | Known
    | Dotted
    | Variable
    | Client
    | HandlerInput
    | Method
    | Meta
    | Reply
    | Part
    | Item
    | Parsed
    | Joined
    | Routine
    | Display
)
Values = tuple[Value, ...]


def part_of(value: Value, *keys: str) -> Value | None:
    """Return what a value is the part of, if it is the part at these keys, outermost first."""
    for key in reversed(keys):
        if not isinstance(value, Part) or value.key != key:
            return None
        value = value.base
    return value
