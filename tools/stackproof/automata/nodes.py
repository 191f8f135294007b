"""The tree of a regular expression: what a pattern consists of, in whatever syntax it is written."""

from __future__ import annotations

from typing import Literal, NamedTuple

from stackproof.automata.charset import Charset


class Chars(NamedTuple):
    """One character of a set."""

    allowed: Charset


class Row(NamedTuple):
    """Items one after the other."""

    items: tuple[Node, ...]


class Choice(NamedTuple):
    """One of some items."""

    items: tuple[Node, ...]


class Repeat(NamedTuple):
    """An item from `least` to `most` times, None for any number; `possessive` if it never gives back."""

    item: Node
    least: int
    most: int | None
    possessive: bool


class Anchor(NamedTuple):
    """A place: the text's start, its end, or its end with or without a line terminator behind (`loose`)."""

    kind: Literal["start", "end", "loose"]


class Look(NamedTuple):
    """What must, or must not, follow here (`ahead`) or stand before."""

    ahead: bool
    positive: bool
    item: Node


Node = Chars | Row | Choice | Repeat | Anchor | Look
