"""Fewer patterns in the place of many ARNs, each step covering all that it replaces and more.

`REGIONS`: what one resource is called in all regions and scenarios, with `*` for the part that differs. `NAMES`: what
all resources of one kind are called. `KIND`: every resource of that kind in the account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cache
from itertools import takewhile

from stackproof.aws.arn import covers

OF_NAME = re.compile(r"^[A-Za-z-]+[:/]")
"""How the resource part of an ARN begins where it names the kind: `table/`, `alarm:`."""
WITHOUT_KIND = ("s3", "sns", "sqs")
"""Services whose ARNs begin with the name itself. Source: Service Authorization Reference."""
WORDS, PART = re.compile(r".*[-_/:.]"), re.compile(r"[/:].*")
SHORTEST = 3
"""Letters that several names begin with, at least, for these to tell more than the kind alone."""


class Width(IntEnum):
    """How much patterns cover."""

    EXACT = 0
    REGIONS = 1
    NAMES = 2
    KIND = 3

    @property
    def of(self) -> str:
        """Return what one pattern stands for."""
        return ("each ARN", "a resource in all regions and scenarios", "the names of a kind", "all of a kind")[self]


def shape(arn: str) -> tuple[str, str, str]:
    """Return what ARNs have in common that one pattern may stand for: service, account, kind."""
    if not arn.startswith("arn:"):
        return arn, "", ""
    _, _, service, _, account, resource = arn.split(":", 5)
    found = OF_NAME.match(resource) if service not in WITHOUT_KIND else None
    return service, account, found[0] if found else ""


def anywhere(arn: str) -> str:
    """Return the pattern of what has an ARN, whichever its region."""
    fields = arn.split(":", 5)
    return ":".join([*fields[:3], fields[3] and "*", *fields[4:]]) if len(fields) == 6 else arn


def joined(arns: Iterable[str]) -> list[str]:
    """Return patterns that cover ARNs: one for all of a shape."""
    return [_widened(tuple(some)) for some in _by_shape(arns)]


def widest(arns: Iterable[str]) -> list[str]:
    """Return patterns for every resource of the kinds of ARNs, in any region."""
    return list(dict.fromkeys(map(_any, arns)))


def _by_shape(arns: Iterable[str]) -> list[list[str]]:
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for arn in arns:
        found.setdefault(shape(arn), {})[arn] = None
    return [[*some] for some in found.values()]


@cache
def _widened(arns: tuple[str, ...]) -> str:
    """Return the pattern for ARNs of one shape: field by field what they have in common."""
    if len(arns) == 1:
        return arns[0]
    fields = [arn.split(":", 5) for arn in arns]
    parts = [_same([arn_fields[index] for arn_fields in fields]) for index in range(5)]
    kind = shape(arns[0])[2]
    return ":".join([*parts, kind + common([arn_fields[5].removeprefix(kind) for arn_fields in fields])])


def _same(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else "*"


def common(texts: Sequence[str]) -> str:
    """Return the pattern of texts: the words that all begin with, `*`, and the parts that all end in.

    Words are parted by hyphens and the like: that all scenarios' regions end in 1 says nothing of the next one.
    """
    if len(set(texts)) == 1:
        return texts[0]
    start = WORDS.match(_beginning(texts).partition("*")[0])
    begin = start[0] if start else ""
    ends = [text[len(begin) :][::-1] for text in texts]
    end = PART.search(_beginning(ends)[::-1].rpartition("*")[2])
    return f"{begin}*{end[0] if end else ''}" if len(begin) >= SHORTEST or end else "*"


def _beginning(texts: Sequence[str]) -> str:
    """Return the letters that all texts begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in same)


def _any(arn: str) -> str:
    if not arn.startswith("arn:"):
        return arn
    start, partition, service, region, account, _ = arn.split(":", 5)
    return ":".join([start, partition, service, region and "*", account, f"{shape(arn)[2]}*"])


def without_covered(arns: Iterable[str]) -> tuple[str, ...]:
    """Return patterns without those that another one covers, sorted."""
    every = sorted(set(arns))
    wild = [pattern for pattern in every if "*" in pattern]
    return tuple(pattern for pattern in every if not any(_more(other, pattern) for other in wild))


def _more(pattern: str, other: str) -> bool:
    """Tell whether a pattern covers more than another, or as much and comes before it."""
    return pattern != other and covers(pattern, other) and (pattern < other or not covers(other, pattern))
