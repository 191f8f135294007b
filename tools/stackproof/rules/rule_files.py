"""The rules: one file each, found by walking folders, with the cases that show each of them at work."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, Literal, NamedTuple, get_args

from stackproof.foundation.finding import SEVERITIES, CannotTell, Place, Severity, Side
from stackproof.template.loader import load_document

DOCSTRING = re.compile(r'\A(?:\s|#[^\n]*\n)*("""|\'\'\')(.*?)\1', re.S)
HEADER = re.compile(r"^(formerly|pack|severity|setting|on):(.*)\n*", re.M)
ON_UPDATE = re.compile(r"^#\s*on:\s*update\s*$", re.M)
SETTING = re.compile(r"\s*([a-z]\w*)\s*:\s*(\S.*)")
Pack = Literal["core", "security", "resilience", "house", "own"]
PACKS: dict[Pack, str] = {
    "core": "what AWS refuses, or what does not work",
    "security": "who may do what, and what is encrypted",
    "resilience": "what lasts when something fails, in both regions",
    "house": "conventions of the project that the rules come from",
    "own": "rules that name no pack: those of your own folders",
}
OF_PACK: dict[Pack, Severity] = {"core": "error", "own": "error"}
"""The severity of the rules of a pack that state none; of the other packs it is "warning"."""
CASE_KEYS = {"name", "expect", "scenario", "side", "at", "patch"}
UPDATE_KEYS = (CASE_KEYS - {"patch"}) | {"before", "after"}
VERSION_KEYS = {"patch", "scenario", "parameters", "source", "target"}


@dataclass(frozen=True)
class Version:
    """The template as it is before an update, or after it: changed by a patch, in a scenario, with more parameters.

    `scenario` is "" for that of the case. `source` and `target` are parameters of that side alone.
    """

    patch: Sequence[dict[str, Any]] = ()
    scenario: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    target: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A change to the template, and whether the rule still passes after it.

    `patch` is a list of RFC 6902 operations; a rule about updates has `before` and `after` in its place. Of a case that
    fails, `scenario`, `side` and `at` (a JSON pointer) say where the findings must be, as far as they are given.
    """

    rule: str
    name: str
    expect: Literal["pass", "fail"]
    patch: Sequence[dict[str, Any]]
    scenario: str | None
    side: Side | None
    at: str | None
    place: Place
    before: Version = Version()
    after: Version = Version()


class SettingValue(NamedTuple):
    """A value that a configuration gives one of a rule's settings, as JSON, and where."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True)
class Rule:
    """A rule: its name (the file's), its family (the folder's), its text, and the names that it had before.

    `settings` are the names of its settings, each with what it is about; `setting_values` what is given to them. One
    `on_update` is about what an update does: it is run where there is a version before.
    """

    name: str
    family: str
    path: str
    text: str
    title: str
    reason: str
    formerly: tuple[str, ...] = ()
    pack: Pack = "own"
    severity: Severity = "error"
    settings: tuple[tuple[str, str], ...] = ()
    setting_values: tuple[SettingValue, ...] = ()
    on_update: bool = False

    @property
    def is_guard(self) -> bool:
        return self.path.endswith(".guard")

    @property
    def cases_path(self) -> str:
        return f"{self.path.rpartition('.')[0]}.cases.yaml"


def discover(*folders: str) -> tuple[Rule, ...]:
    """Return the rules below folders, by family and name; raise CannotTell for a folder without any."""
    rules = [rule for folder in dict.fromkeys(folders) for rule in _below(folder)]
    seen: dict[str, str] = {}
    for rule in rules:
        for name in (rule.name, *rule.formerly):
            if name in seen:
                raise CannotTell(f"{seen[name]} has the same name, {name}", Place(rule.path, 1, 1), "rename one")
            seen[name] = rule.path
    return tuple(rules)


def _below(folder: str) -> list[Rule]:
    if not FilePath(folder).is_dir():
        raise CannotTell(f"there is no folder {folder}", Place(folder, 1, 1), "give the folder of the rules")
    files = sorted(path for path in FilePath(folder).rglob("*") if path.suffix in (".guard", ".py"))
    rules = [_read(path) for path in files if "__pycache__" not in path.parts]
    if not rules:
        raise CannotTell(
            f"{folder} holds no rule: nothing can be checked", Place(folder, 1, 1), "add a .guard or .py file"
        )
    return rules


def former_names(rules: Sequence[Rule]) -> dict[str, str]:
    """Return, by each name that a rule had before, the name that it has now."""
    return {old: rule.name for rule in rules for old in rule.formerly}


def _read(path: FilePath) -> Rule:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CannotTell(
            f"cannot read it: {error}", Place(str(path), 1, 1), "make it readable, as text in UTF-8"
        ) from None
    if not text.strip():
        raise CannotTell("the rule file is empty", Place(str(path), 1, 1), "write a rule or remove it")
    if path.suffix == ".py":
        header = _docstring(text)
    else:
        lines = (line[1:].strip() for line in text.splitlines() if line.startswith("#"))
        header = "\n".join(line for line in lines if not line.startswith("on:")).strip()
        if ON_UPDATE.search(text):
            raise CannotTell(
                "a rule about updates cannot be written in Guard", Place(str(path), 1, 1), "write it in Python"
            )
    title, _, reason = header.partition("\n")
    if not title:
        raise CannotTell("the rule has no header that says what it checks", Place(str(path), 1, 1), "write it first")
    return _with_header(Rule(path.stem, path.parent.name, str(path), text, title, ""), reason)


def _with_header(rule: Rule, reason: str) -> Rule:
    """Return a rule with what the lines `pack:`, `severity:`, `formerly:`, `setting:`, `on:` of its header say."""
    lines: dict[str, list[str]] = {"pack": [], "severity": [], "formerly": [], "setting": [], "on": []}
    for key, value in HEADER.findall(reason):
        lines[key].append(value.strip())
    pack = _single(rule, "pack", lines["pack"], get_args(Pack), "own")
    severity = _single(rule, "severity", lines["severity"], SEVERITIES, OF_PACK.get(pack, "warning"))
    former = tuple(name.strip() for line in lines["formerly"] for name in line.split(",") if name.strip())
    settings = [SETTING.fullmatch(line) for line in lines["setting"]]
    if None in settings:
        raise CannotTell("a setting of the header has no name", Place(rule.path, 1, 1), "write setting: NAME: WHAT")
    declared = tuple((setting[1], setting[2]) for setting in settings if setting)
    text = HEADER.sub("", reason).strip()
    on_update = _single(rule, "on", lines["on"], ("update",), "") == "update"
    return replace(
        rule, reason=text, formerly=former, pack=pack, severity=severity, settings=declared, on_update=on_update
    )


def _single(rule: Rule, key: str, values: Sequence[str], known: Sequence[str], default: str) -> Any:
    """Return the one value of a line of the header; raise CannotTell for two, or one that is not known."""
    if len(values) > 1 or not {*values} <= {*known}:
        fix = f"write one line {key}: {' | '.join(known)}"
        raise CannotTell(f"the header names the {key} {', '.join(values)}", Place(rule.path, 1, 1), fix)
    return values[0] if values else default


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
        raise CannotTell(
            f"cannot read it: {error}", Place(str(path), 1, 1), "make it readable, as text in UTF-8"
        ) from None


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
    known, changes = (UPDATE_KEYS, "after") if rule.on_update else (CASE_KEYS, "patch")
    if not isinstance(entry, dict) or not known.issuperset(entry) or not {"name", "expect", changes} <= entry.keys():
        more = "before, scenario" if rule.on_update else "scenario"
        raise CannotTell(f"a case has name, expect, {changes} and maybe {more}, side, at", place, "write just these")
    if entry["expect"] not in ("pass", "fail") or entry.get("side") not in (None, "source", "target", "both"):
        raise CannotTell(
            f"case {entry['name']!r}: expect is pass or fail, side is source, target or both",
            place,
            "write one of these",
        )
    for key in ("name", "scenario", "at"):
        if not isinstance(entry.get(key), str if key == "name" else str | None):
            raise CannotTell(f"the {key} of a case must be text, not {entry[key]!r}", place, f'write {key}: "TEXT"')
    where = [entry.get(key) for key in ("scenario", "side", "at")]
    versions = [_version(entry, key, place) for key in ("before", "after")] if rule.on_update else []
    patch = () if rule.on_update else _patch(entry["name"], entry["patch"], place)
    return Case(rule.name, entry["name"], entry["expect"], patch, where[0], where[1], where[2], place, *versions)


def _version(entry: dict[str, Any], key: str, place: Place) -> Version:
    """Return a version of a case: a patch alone, or a mapping."""
    value = entry.get(key, [])
    version = {"patch": value} if isinstance(value, list) else value
    if not isinstance(version, dict) or not VERSION_KEYS.issuperset(version):
        message = f"case {entry['name']!r}: {key} is a patch, or has {', '.join(sorted(VERSION_KEYS))}"
        raise CannotTell(message, place, "write just these")
    parameters = [version.get(name, {}) for name in ("parameters", "source", "target")]
    if not all(map(_are_texts, parameters)):
        raise CannotTell(f"case {entry['name']!r}: parameters are names with texts", place, 'write NAME: "VALUE"')
    if not isinstance(version.get("scenario", ""), str):
        raise CannotTell(f"case {entry['name']!r}: the scenario of {key} must be text", place, "write scenario: NAME")
    return Version(_patch(entry["name"], version.get("patch", []), place), version.get("scenario", ""), *parameters)


def _are_texts(parameters: Any) -> bool:
    return isinstance(parameters, dict) and all(isinstance(text, str) for text in parameters.values())


def _patch(name: str, value: Any, place: Place) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(operation, dict) for operation in value):
        fix = "write patch: [{op: replace, path: /Resources/…, value: V}]"
        raise CannotTell(f"case {name!r}: patch is a list of RFC 6902 operations", place, fix)
    return value
