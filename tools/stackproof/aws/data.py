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
    return {of: row[fact] for of, held in rows(table).items() for row in held if fact in row}


@cache
def documents(table: str) -> Mapping[str, Any]:
    """Return a table of JSON documents, which are read ten times as fast as YAML."""
    found: Mapping[str, Any] = json.loads(_text(f"{table}.json"))
    return found


def _text(file: str) -> str:
    try:
        return (FOLDER / file).read_text(encoding="utf-8")
    except OSError:
        raise CannotTell(f"stackproof's table {file} is missing", fix="install stackproof anew") from None
