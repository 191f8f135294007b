"""A rule's own settings: what it declares with defaults, and what a configuration gives instead.

Each has a line `setting: NAME: what it is about` in the rule's header. The default of a rule in Python stands in its
`class Settings(NamedTuple)`, whose value `check(deployment, settings)` is given; that of a rule in Guard in its line
`let NAME = VALUE`, which the value given takes the place of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

from stackproof.foundation.finding import CannotTell, Place
from stackproof.rules.rule_files import Rule, SettingValue

KINDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def known(rule: Rule) -> None:
    """Raise CannotTell, with its place, for a setting that is given and that the rule does not declare."""
    names = [name for name, _ in rule.settings]
    for setting in rule.setting_values:
        if setting.name not in names:
            fix = f"use one of {', '.join(names)}" if names else "remove it: the rule has no settings"
            raise CannotTell(f"rule {rule.name} has no setting {setting.name!r}", setting.place, fix)


def of_module(rule: Rule, module: ModuleType) -> Any:
    """Return what `check` of a rule in Python gets as its settings, None where the rule has none."""
    cls = getattr(module, "Settings", None)
    declared = [name for name, _ in rule.settings]
    fields = [*getattr(cls, "_fields", ())]
    if sorted(declared) != sorted(fields) or {*fields} - {*getattr(cls, "_field_defaults", ())}:
        fix = "give each field of Settings a default, and a line setting: NAME: WHAT in the header"
        raise CannotTell(f"the settings of rule {rule.name} are not what its header says", Place(rule.path, 1, 1), fix)
    known(rule)
    if cls is None:
        return None
    hints = get_type_hints(cls, module.__dict__)
    return cls(**{setting.name: _value(rule, setting, hints[setting.name]) for setting in rule.setting_values})


def _value(rule: Rule, setting: SettingValue, hint: Any) -> Any:
    """Return a value in the type of its field: a list as a tuple; raise CannotTell for another type."""
    value, kind = json.loads(setting.value), get_origin(hint) or hint
    if kind is tuple and isinstance(value, list) and all(isinstance(item, get_args(hint)[0]) for item in value):
        return tuple(value)
    if kind is Mapping and isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return value
    if type(value) is kind or (kind is float and type(value) is int):
        return value
    what = "a list of texts" if kind is tuple else "a table of texts" if kind is Mapping else KINDS.get(kind, str(kind))
    raise CannotTell(f"setting {setting.name} of rule {rule.name} must be {what}", setting.place, f"write {what}")


def in_guard(rule: Rule) -> Rule:
    """Return a rule in Guard with the values given in its text."""
    known(rule)
    text = rule.text
    for name, _ in rule.settings:
        if not _line(name).search(text):
            fix = f"write let {name} = VALUE"
            raise CannotTell(f"the setting {name} of rule {rule.name} has no default", Place(rule.path, 1, 1), fix)
    for setting in rule.setting_values:
        found = _line(setting.name).search(text)
        if found:
            text = f"{text[: found.start(2)]}{_literal(rule, setting, found[2])}{text[found.end(2) :]}"
    return replace(rule, text=text)


def _line(name: str) -> re.Pattern[str]:
    return re.compile(rf"^(\s*let\s+{re.escape(name)}\s*=\s*)(\S.*)$", re.M)


def _literal(rule: Rule, setting: SettingValue, default: str) -> str:
    """Return a value as Guard writes it, in the kind of the default."""
    value = json.loads(setting.value)
    kinds = {"[": (list, "a list"), "/": (str, "a text"), "'": (str, "a text"), '"': (str, "a text")}
    kind, what = kinds.get(default[0], (int, "a whole number"))
    if type(value) is not kind:
        raise CannotTell(f"setting {setting.name} of rule {rule.name} must be {what}", setting.place, f"write {what}")
    if default[0] == "/":
        return "/" + str(value).replace("/", r"\/") + "/"
    return json.dumps(value)


def defaults(rule: Rule, module: ModuleType | None) -> list[tuple[str, str, str]]:
    """Return each setting's name, default as text, and what it is about."""
    found = []
    for name, about in rule.settings:
        line = _line(name).search(rule.text) if module is None else None
        values = getattr(getattr(module, "Settings", None), "_field_defaults", {})
        value = json.dumps(values[name], default=list) if name in values else ""
        found.append((name, line[2].strip() if line else value, about))
    return found
