"""What pyflakes says of a function's code: names undefined, unused, defined twice."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pyflakes import messages
from pyflakes.checker import Checker

from stackproof.code.inline import parsed

UNTIDY = (
    messages.FStringMissingPlaceholders,
    messages.ImportShadowedByLoopVar,
    messages.ImportStarNotPermitted,
    messages.ImportStarUsage,
    messages.ImportStarUsed,
    messages.RedefinedWhileUnused,
    messages.StringDotFormatExtraNamedArguments,
    messages.StringDotFormatExtraPositionalArguments,
    messages.UnusedAnnotation,
    messages.UnusedImport,
    messages.UnusedVariable,
)
"""What does not keep a code from doing what it is for. Source: github.com/PyCQA/pyflakes, pyflakes/messages.py."""


class Complaint(NamedTuple):
    """A line of a code, what is wrong with it in lower case, and whether the code works all the same."""

    line: int
    message: str
    works: bool


@cache
def complaints(text: str) -> tuple[Complaint, ...]:
    """Return what pyflakes says of a code, in the order of its lines; raise SyntaxError where it is none."""
    found = sorted(Checker(parsed(text)).messages, key=lambda message: (message.lineno, message.col))
    return tuple(
        Complaint(message.lineno, str(message.message % message.message_args), isinstance(message, UNTIDY))
        for message in found
    )
