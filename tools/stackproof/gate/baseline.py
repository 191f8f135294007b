"""Known findings, kept in a file so that only new ones are reported.

An entry is a rule, the path of the value without the places in lists, and the message without its numbers: it survives
lines that move, and items that come before. `count` says how many findings of one stack it stands for.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import NamedTuple

from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell, Finding, Place, pointer

VERSION = 1


class Entry(NamedTuple):
    """What a finding is known by."""

    rule: str
    at: str
    message: str


class Compared(NamedTuple):
    """The findings that are new, how many are known, and the entries that none has any more."""

    new: tuple[Finding, ...]
    known: int
    gone: tuple[Entry, ...]


def entry(finding: Finding) -> Entry:
    """Return what a finding is known by."""
    path = tuple("*" if isinstance(key, int) else key for key in finding.at)
    return Entry(finding.rule, pointer(path), re.sub(r"\d+", "#", finding.message))


def counted(findings: Iterable[Finding]) -> dict[Entry, int]:
    """Return how many findings of one stack each entry stands for, at the most."""
    every = Counter((entry(finding), finding.scenario, finding.side) for finding in findings)
    found: dict[Entry, int] = {}
    for (known, _, _), count in every.items():
        found[known] = max(count, found.get(known, 0))
    return found


def written(findings: Iterable[Finding]) -> str:
    """Return the text of a file that knows these findings."""
    entries = [{**row._asdict(), "count": count} for row, count in sorted(counted(findings).items())]
    return json.dumps({"version": VERSION, "findings": entries}, indent=2)


def read(path: str) -> dict[Entry, int]:
    """Read such a file; raise CannotTell where there is none, or it is no baseline."""
    if not FilePath(path).is_file():
        fix = f"stackproof check --baseline {path} --write-baseline"
        raise CannotTell(f"there is no baseline {path}", Place(path, 1, 1), fix)
    try:
        value = json.loads(read_text(path))
        if value["version"] != VERSION:
            raise ValueError
        return {Entry(row["rule"], row["at"], row["message"]): int(row["count"]) for row in value["findings"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        fix = "write it again with --write-baseline"
        raise CannotTell("it is no baseline of stackproof", Place(path, 1, 1), fix) from None


def compared(findings: Sequence[Finding], known: Mapping[Entry, int]) -> Compared:
    """Part findings into new and known ones."""
    seen: Counter[tuple[Entry, str, str]] = Counter()
    new = []
    for finding in findings:
        key = (entry(finding), finding.scenario, finding.side)
        seen[key] += 1
        if seen[key] > known.get(key[0], 0):
            new.append(finding)
    met = {name for name, _, _ in seen}
    return Compared(tuple(new), len(findings) - len(new), tuple(row for row in known if row not in met))
