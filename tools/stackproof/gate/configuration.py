"""What a project has configured: stackproof.toml, or the table [tool.stackproof] of pyproject.toml."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import Any, cast

from stackproof.foundation import toml_places
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell, Path, Place, Severity
from stackproof.foundation.json_schema import problems

OWN, SHARED = "stackproof.toml", "pyproject.toml"
TABLE = ("tool", "stackproof")
SCHEMA = FilePath(__file__).parent / "data" / "configuration.schema.json"
AT = re.compile(r"\(at line (\d+), column (\d+)\)")
SELECTED = ("core", "security", "resilience", "own")
"""The packs that are run where nothing is selected."""


@dataclass(frozen=True)
class Configuration:
    """The table as it was read, checked against the schema; `prefix` is where it stands in the file."""

    path: str = SHARED
    text: str = ""
    prefix: Path = ()
    value: Mapping[str, Any] = field(default_factory=dict)

    def place(self, *keys: str | int) -> Place:
        """Return where a key stands, or what should hold it."""
        return toml_places.place(self.text, self.path, (*self.prefix, *keys))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, or one text as a list; () where there is none."""
        found = self.value.get(key, ())
        return (found,) if isinstance(found, str) else tuple(found)

    @property
    def select(self) -> tuple[str, ...]:
        return self.texts("select") if "select" in self.value else SELECTED

    @property
    def ignore(self) -> tuple[str, ...]:
        """What is not run at all: `ignore` as a list."""
        return self.texts("ignore") if isinstance(self.value.get("ignore"), list) else ()

    @property
    def suppressed(self) -> Mapping[str, Any]:
        """What is not reported, with reasons: `ignore` as a table."""
        found = self.value.get("ignore")
        return found if isinstance(found, dict) else {}

    @property
    def external(self) -> tuple[str, ...] | None:
        """The names and ARNs that others create; None where the project does not list them."""
        return self.texts("external") if "external" in self.value else None

    @property
    def severity(self) -> Mapping[str, Severity]:
        return cast(Mapping[str, Severity], self.value.get("severity", {}))

    @property
    def fail_on(self) -> Severity:
        return cast(Severity, self.value.get("fail-on", "warning"))

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        return cast(Mapping[str, Mapping[str, Any]], self.value.get("rule", {}))


def file() -> str:
    """Return the file that configures the current folder, whether it is there or not."""
    return OWN if FilePath(OWN).is_file() else SHARED


def read(path: str) -> Configuration:
    """Read a file of TOML; raise CannotTell, with line and column, for what the schema does not know."""
    return in_text(read_text(path), path) if FilePath(path).is_file() else Configuration(path)


def parsed(text: str, path: str) -> dict[str, Any]:
    """Return what a text of TOML holds; raise CannotTell with the place for what is none."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        position = AT.search(str(error))
        place = Place(path, int(position[1]), int(position[2])) if position else Place(path, 1, 1)
        raise CannotTell(f"it is no TOML: {' '.join(str(error).split())}", place, "correct this line") from None


@cache
def in_text(text: str, path: str) -> Configuration:
    """Return what a text configures."""
    found: Any = parsed(text, path)
    prefix: Path = ()
    shared = FilePath(path).name != OWN or "tool" in found
    for key in TABLE if shared else ():
        found, prefix = found.get(key, {}), (*prefix, key)
        if not isinstance(found, dict):
            place = toml_places.place(text, path, prefix)
            raise CannotTell(f"{'.'.join(map(str, prefix))} must be a table", place, f"write [{'.'.join(TABLE)}]")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8")) if found else {}
    for problem in problems(found, schema, schema):
        raise CannotTell(problem.message, toml_places.place(text, path, (*prefix, *problem.path)), problem.fix)
    return Configuration(path, text, prefix, found)
