"""Which templates a project has beside the one that is checked by default: `templates` of [tool.stackproof]."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any, NamedTuple

from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell
from stackproof.gate.project_file import line_of, table

KEYS = ("template", "scenarios")


class Member(NamedTuple):
    """A template and the file of its scenarios; `every_rule` if each rule has to speak of something in it."""

    template: str
    scenarios: str
    every_rule: bool = False


def further_templates(path: str) -> tuple[Member, ...]:
    """Read `[[tool.stackproof.templates]]`, entries of KEYS, in a pyproject.toml; none without the file.

    Rules speak of what the first template has; in a further one they may have nothing to speak of. Raises CannotTell.
    """
    if not FilePath(path).is_file():
        return ()
    text = read_text(path)
    entries = table(text, path, "tool", "stackproof").get("templates", [])
    if not isinstance(entries, list):
        entries = [entries]
    return tuple(_read(entry, path, text) for entry in entries)


def _read(entry: Any, path: str, text: str) -> Member:
    if not isinstance(entry, dict) or {*entry} != {*KEYS} or not all(isinstance(one, str) for one in entry.values()):
        said = f"an entry of tool.stackproof.templates is not {' and '.join(KEYS)}, each a text"
        place = line_of(text, path, "templates")
        raise CannotTell(said, place, 'write template = "FILE" and scenarios = "FILE", nothing else')
    return Member(entry["template"], entry["scenarios"])


def member(path: str, template: str, scenarios: str, default: str) -> Member:
    """Return a template as the project has it: with its own scenarios, unless others than the default are given."""
    for one in further_templates(path):
        if FilePath(one.template) == FilePath(template):
            return Member(template, one.scenarios if scenarios == default else scenarios)
    return Member(template, scenarios, every_rule=True)
