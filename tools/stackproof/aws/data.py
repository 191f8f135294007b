"""The facts about AWS that no library ships: the tables in `data/`, one row a fact, each row with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from stackproof.foundation.finding import CannotTell
from stackproof.foundation.yaml_reader import plain_yaml

FOLDER = Path(__file__).parent / "data"
Row = Mapping[str, Any]


@cache
def rows(table: str) -> Mapping[str, Sequence[Row]]:
    """Return the rows of a table, by what they are of: a type of resource, a service, a namespace of metrics."""
    found: Mapping[str, Sequence[Row]] = plain_yaml(_text(f"{table}.yaml"))
    return found


@cache
def facts(table: str, fact: str) -> Mapping[str, Any]:
    """Return one fact of all that a table knows it of."""
    return {of: row[fact] for of, listed in rows(table).items() for row in listed if fact in row}


@cache
def document(table: str, key: str) -> Row | None:
    """Return one row of a table of JSON, which has a row a line: only the line is read, as such tables are long."""
    text = _text(f"{table}.json")
    opening = f"\n{json.dumps(key)}: "
    start = text.find(opening)
    return json.JSONDecoder().raw_decode(text, start + len(opening))[0] if start >= 0 else None


@cache
def _text(file: str) -> str:
    try:
        return (FOLDER / file).read_text(encoding="utf-8")
    except OSError:
        raise CannotTell(f"stackproof's table {file} is missing", fix="install stackproof anew") from None
