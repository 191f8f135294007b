"""What is reported of a template: a finding (a rule that fails), or that a check could not tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

Side = Literal["source", "target", "both"]
Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From the worst to the least."""
Path = tuple[str | int, ...]
Scalar = str | bool | int | float
"""A value of JSON that is no list and no mapping."""


class Place(NamedTuple):
    """A place in a file; line and column count from 1, in characters."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the template fails.

    `at` is the path of the value in the resolved stack, `place` where that value stands in the template. `fix` says in
    words what to do; `replacement` is the value to write at `at` where only one is right, else None.
    """

    rule: str
    place: Place
    scenario: str
    side: Side
    message: str
    fix: str
    at: Path = ()
    replacement: Scalar | None = None
    severity: Severity = "error"
    pack: str = ""
    """The pack of the rule, "" of what is no file under rules/."""


def as_bad_as(severity: Severity, threshold: Severity) -> bool:
    """Tell whether a severity is at least that of a threshold."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(threshold)


class Note(NamedTuple):
    """What only AWS can decide, where it stands, and what would let it be checked: neither a finding nor an error."""

    place: Place
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}; fix: {self.fix}"


class Stopped(Exception):  # noqa: N818 - it says what happened, not that something crashed
    """What ends a command with one line: a message, where, and what to do. Raised as one of its subclasses."""

    def __init__(self, message: str, place: Place | None = None, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.fix = fix

    def __str__(self) -> str:
        start = f"{self.place}: " if self.place else ""
        end = f"; fix: {self.fix}" if self.fix else ""
        return f"{start}{self.message}{end}"


class CannotTell(Stopped):
    """A check that could not run: bad input, an unknown function, a crashed rule. Never a pass."""


class Undecided(CannotTell):
    """What a rule could not check of one resource: an error where the rule is required, else a note."""


T = TypeVar("T")
Findings = Iterator[Finding | CannotTell]
"""What a rule yields: findings, and errors for what it cannot check."""


def for_each(things: Iterable[T], check: Callable[[T], Findings]) -> Findings:
    """Check each thing for itself: where a check raises CannotTell, give that error, and go on with the next thing."""
    for thing in things:
        try:
            yield from check(thing)
        except CannotTell as error:
            yield error


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)
