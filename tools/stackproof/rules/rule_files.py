"""The promises: one file each under rules/, found by walking, with the cases that show each of them at work."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Literal

from stackproof.foundation.finding import CannotTell, Place, Side
from stackproof.template.loader import load_document

DOCSTRING = re.compile(r'\A(?:\s|#[^\n]*\n)*("""|\'\'\')(.*?)\1', re.S)
FORMERLY = re.compile(r"^formerly:(.*)\n*", re.M)
CASE_KEYS = {"name", "expect", "scenario", "side", "at", "patch"}


@dataclass(frozen=True)
class Case:
    """A change to the template, and whether the promise is still kept after it.

    `patch` is a list of RFC 6902 operations. Of a case that fails, `scenario`, `side` and `at` (a JSON pointer)
    say where the findings must be, as far as they are given.
    """

    rule: str
    name: str
    expect: Literal["pass", "fail"]
    patch: Sequence[dict[str, Any]]
    scenario: str | None
    side: Side | None
    at: str | None
    place: Place


@dataclass(frozen=True)
class Rule:
    """A promise: its name (the file's), its family (the folder's), its text, and the names that it had before."""

    name: str
    family: str
    path: str
    text: str
    promise: str
    reason: str
    formerly: tuple[str, ...] = ()

    @property
    def is_guard(self) -> bool:
        return self.path.endswith(".guard")

    @property
    def cases_path(self) -> str:
        return f"{self.path.rpartition('.')[0]}.cases.yaml"


def discover(folder: str) -> tuple[Rule, ...]:
    """Return the rules below a folder, by family and name; raise CannotTell where there is none."""
    if not FilePath(folder).is_dir():
        raise CannotTell(f"there is no folder {folder}", Place(folder, 1, 1), "give the folder of the rules")
    files = sorted(path for path in FilePath(folder).rglob("*") if path.suffix in (".guard", ".py"))
    rules = [_read(path) for path in files if "__pycache__" not in path.parts]
    if not rules:
        raise CannotTell(
            f"{folder} holds no rule: nothing can be checked", Place(folder, 1, 1), "add a .guard or .py file"
        )
    seen: dict[str, str] = {}
    for rule in rules:
        for name in (rule.name, *rule.formerly):
            if name in seen:
                raise CannotTell(f"{seen[name]} has the same name, {name}", Place(rule.path, 1, 1), "rename one")
            seen[name] = rule.path
    return tuple(rules)


def former_names(rules: Sequence[Rule]) -> dict[str, str]:
    """Return, by each name that a rule had before, the name that it has now."""
    return {old: rule.name for rule in rules for old in rule.formerly}


def _read(path: FilePath) -> Rule:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CannotTell(f"cannot read it: {error}", Place(str(path), 1, 1), "mend the file") from None
    if not text.strip():
        raise CannotTell(
            "the rule file is empty: it promises nothing", Place(str(path), 1, 1), "write a rule or remove it"
        )
    if path.suffix == ".py":
        header = _docstring(text)
    else:
        lines = (line[1:].strip() for line in text.splitlines() if line.startswith("#"))
        header = "\n".join(line for line in lines if not line.startswith("on:")).strip()
    promise, _, reason = header.partition("\n")
    if not promise:
        raise CannotTell("the rule has no header that says its promise", Place(str(path), 1, 1), "write it first")
    former = tuple(name.strip() for line in FORMERLY.findall(reason) for name in line.split(",") if name.strip())
    return Rule(path.stem, path.parent.name, str(path), text, promise, FORMERLY.sub("", reason).strip(), former)


def _docstring(text: str) -> str:
    """Return a module's docstring without compiling the module: that is done once, when the rule is loaded."""
    found = DOCSTRING.match(text)
    return inspect.cleandoc(found[2]) if found else ""


def demand_cases(rule: Rule) -> None:
    """Raise CannotTell unless the rule has a case that passes and one that fails.

    This only looks: whether the cases are sound, and show what they say, is seen when they are tried.
    """
    text = _cases_text(rule)
    for expected in ("pass", "fail"):
        if not re.search(rf"^(?!\s*#).*\bexpect: *{expected}\b", text, re.M):
            place = Place(rule.cases_path, 1, 1)
            raise CannotTell(f"rule {rule.name} has no case that must {expected}", place, "add one")


def _cases_text(rule: Rule) -> str:
    path = FilePath(rule.cases_path)
    if not path.is_file():
        raise CannotTell(f"rule {rule.name} has no cases", Place(rule.path, 1, 1), f"write {rule.cases_path}")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CannotTell(f"cannot read it: {error}", Place(str(path), 1, 1), "mend the file") from None


def cases(rule: Rule) -> tuple[Case, ...]:
    """Read the cases of a rule; raise CannotTell unless one passes and one fails."""
    demand_cases(rule)
    document = load_document(rule.cases_path)
    entries = document.value
    if not isinstance(entries, list):
        raise CannotTell(
            "the cases of a rule are a list", document.place(), "write - {name: N, expect: pass, patch: []}"
        )
    found = tuple(_case(rule, entry, document.place((index,))) for index, entry in enumerate(entries))
    for expected in ("pass", "fail"):
        if not any(case.expect == expected for case in found):
            raise CannotTell(f"rule {rule.name} has no case that must {expected}", document.place(), "add one")
    return found


def _case(rule: Rule, entry: Any, place: Place) -> Case:
    if (
        not isinstance(entry, dict)
        or not CASE_KEYS.issuperset(entry)
        or not {"name", "expect", "patch"} <= entry.keys()
    ):
        raise CannotTell("a case has name, expect, patch and maybe scenario, side, at", place, "write just these")
    if entry["expect"] not in ("pass", "fail") or entry.get("side") not in (None, "source", "target", "both"):
        raise CannotTell(
            f"case {entry['name']!r}: expect is pass or fail, side is source, target or both",
            place,
            "write one of these",
        )
    for key in ("name", "scenario", "at"):
        if not isinstance(entry.get(key), str if key == "name" else str | None):
            raise CannotTell(f"the {key} of a case must be text, not {entry[key]!r}", place, f'write {key}: "TEXT"')
    if not isinstance(entry["patch"], list) or not all(isinstance(one, dict) for one in entry["patch"]):
        fix = "write patch: [{op: replace, path: /Resources/…, value: V}]"
        raise CannotTell(f"case {entry['name']!r}: patch is a list of RFC 6902 operations", place, fix)
    where = [entry.get(key) for key in ("scenario", "side", "at")]
    return Case(rule.name, entry["name"], entry["expect"], entry["patch"], where[0], where[1], where[2], place)
