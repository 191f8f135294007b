"""What a project claims of its template: the table of docs/claims.md, with what became of the rules that hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.foundation.finding import CannotTell, Place
from stackproof.rules.runner import Verdict

FILE = "docs/claims.md"
"""Where a project writes them, from the folder that stackproof is run in."""
HEADS = ("claim", "made true by", "held by", "proved by", "limits")
NAME = re.compile(r"`(\w+)`")


class Claim(NamedTuple):
    """A row of the table: `rules` are those that hold it, each with what became of it, "not run" of others."""

    claim: str
    resources: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    proof: str
    limits: str


def claims(text: str, template: Mapping[str, Any], verdicts: Mapping[str, str]) -> list[Claim]:
    """Return the claims of a text of Markdown, none if they are about resources of another template.

    `verdicts` has what became of each rule. Raises CannotTell where a row has not the five cells of the heading.
    """
    rows = list(_rows(text))
    if not any(name in template.get("Resources", {}) for _, cells in rows for name in NAME.findall(cells[1])):
        return []
    return [
        Claim(
            cells[0],
            tuple(NAME.findall(cells[1])),
            tuple((name, verdicts.get(name, "not run")) for name in NAME.findall(cells[2])),
            cells[3],
            cells[4],
        )
        for _, cells in rows
    ]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows below the heading, with the number of their line, up to the first line that is no row."""
    within = False
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not within:
            within = tuple(cells) == HEADS
        elif not cells:
            return
        elif len(cells) != len(HEADS):
            message = f"a claim has {len(cells)} cells, and the heading of its table {len(HEADS)}"
            raise CannotTell(
                message, Place(FILE, number, 1), "write the cells claim, made true by, held by, proved by, limits"
            )
        elif not set("".join(cells)) <= set("-:"):
            yield number, cells


def verdict_words(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """Return what became of each rule that was run, in a word or two."""
    return {verdict.rule.name: _words(verdict) for verdict in verdicts}


def _words(verdict: Verdict) -> str:
    if verdict.findings:
        return "fails"
    if verdict.errors:
        return "cannot tell"
    return "passes" if verdict.applies else "not applicable"
