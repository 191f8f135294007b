"""The text of a Fn::Sub, cut into what is literal and what is a variable."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

VARIABLE = re.compile(r"\$\{([^}]*)\}")
NAME = re.compile(r"[A-Za-z0-9_.:]+")


class Variable(NamedTuple):
    """A `${name}`; of `${logical.attribute}` also the two halves, else `attribute` is empty."""

    name: str
    logical: str
    attribute: str


@lru_cache(maxsize=4096)
def pieces(source: str) -> tuple[str | Variable, ...]:
    """Cut a text at its variables; `${!Literal}` is the literal text `${Literal}`.

    Raises ValueError for what cannot be the name of a variable.
    Source: CloudFormation Template Reference, "Fn::Sub".
    """
    found: list[str | Variable] = []
    literal, end = "", 0
    for match in VARIABLE.finditer(source):
        literal += source[end : match.start()]
        end = match.end()
        if match[1].startswith("!"):
            literal += f"${{{match[1][1:]}}}"
            continue
        if not NAME.fullmatch(match[1]):
            raise ValueError(f"a variable of Fn::Sub cannot be named {match[1]!r}")
        found += [literal, Variable(match[1], *_halves(match[1]))]
        literal = ""
    return (*found, literal + source[end:])


def _halves(name: str) -> tuple[str, str]:
    logical, _, attribute = name.partition(".")
    return logical, attribute
