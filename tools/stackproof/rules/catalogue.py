"""The rules as people read them: a list, a page on one, and the table in the rules' folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from stackproof.foundation.finding import CannotTell
from stackproof.rules.rule_files import PACKS, Rule, cases, former_names
from stackproof.rules.runner import loaded
from stackproof.rules.settings import defaults

HEAD = """\
# The rules

Made from the rules' headers by `stackproof rules --write`; do not edit it by hand.
A rule is a file: its name is its id, the first line of its header what it checks. `stackproof explain RULE` says more.
A pack says what kind of rule it is; a project chooses by packs, families and names (`select`, `ignore`).

| pack | what its rules are about |
| --- | --- |
{packs}
"""

COLUMNS = (
    "| rule | what it checks | pack | severity | language | cases |",
    "| --- | --- | --- | --- | --- | --- |",
)


def listed(found: Sequence[Rule]) -> str:
    """Return the rules as lines of text, under their families."""
    width = max(len(rule.name) for rule in found)
    lines: list[str] = []
    for family, members in groupby(found, lambda rule: rule.family):
        lines += [family, *(f"  {rule.name:{width}}  {rule.pack:10}  {rule.title}" for rule in members)]
    return "\n".join(lines)


def explained(found: Sequence[Rule], name: str) -> str:
    """Return the page on one rule: title, reason, source, and its cases as examples."""
    name = former_names(found).get(name, name)
    rule = next((rule for rule in found if rule.name == name), None)
    if rule is None:
        near = ", ".join(rule.name for rule in found if name in rule.name) or "see `stackproof rules`"
        raise CannotTell(f"there is no rule {name!r}", fix=f"give the name of a rule: {near}")
    lines = [
        f"{rule.name} ({rule.family}, {'Guard' if rule.is_guard else 'Python'}): {rule.path}",
        f"pack {rule.pack}, severity {rule.severity}",
        "",
        rule.title,
        "",
    ]
    lines += ["It is about updates: stackproof check --against REV, stackproof changes", ""] if rule.on_update else []
    lines += [rule.reason, ""] if rule.reason else []
    lines += [f"Formerly {', '.join(rule.formerly)}, to which it still answers", ""] if rule.formerly else []
    lines += [*_settings(rule)]
    rule_cases = cases(rule)
    for expect, title in (("pass", "It passes"), ("fail", "It fails")):
        lines += [
            title,
            *(f"  - {case.name}{_only(case.side, case.scenario)}" for case in rule_cases if case.expect == expect),
        ]
    return "\n".join(lines)


def _settings(rule: Rule) -> Iterator[str]:
    """Give the settings of a rule, with their defaults, as a configuration would give them."""
    known = defaults(rule, None if rule.is_guard else loaded(rule).module)
    if known:
        yield f"Settings, below [tool.stackproof.rule.{rule.name}]"
        yield from (f"  {name} = {value}  # {about}" for name, value, about in known)
        yield ""


def _only(side: str | None, scenario: str | None) -> str:
    where = [text for text in (side, f"scenario {scenario}" if scenario else "") if text]
    return f" ({', '.join(where)})" if where else ""


def table(found: Sequence[Rule]) -> str:
    """Return the README of the rules' folder: a table a family."""
    packs = "\n".join(f"| {name} | {about} |" for name, about in PACKS.items() if name != "own")
    return "\n".join([HEAD.format(packs=packs), *_tables(found)])


def _tables(found: Sequence[Rule]) -> Iterator[str]:
    for family, members in groupby(found, lambda rule: rule.family):
        yield from (f"## {family}", "", *COLUMNS)
        for rule in members:
            rule_cases = cases(rule)
            passing = sum(case.expect == "pass" for case in rule_cases)
            file = f"{family}/{Path(rule.path).name}"
            kind = f"{rule.pack} | {rule.severity} | {'Guard' if rule.is_guard else 'Python'}"
            title = rule.title.replace("|", "\\|")
            yield f"| [{rule.name}]({file}) | {title} | {kind} | {passing} pass, {len(rule_cases) - passing} fail |"
        yield ""
