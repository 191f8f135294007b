"""The promises as people read them: a list, a page on one, and the table in the rules' folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from stackproof.foundation.finding import CannotTell
from stackproof.rules.rule_files import Rule, cases, former_names

HEAD = """\
# The promises

Made from the rules' headers by `stackproof rules --write`; do not edit it by hand.
A rule is a file: its name is its id, the first line of its header the promise. `stackproof explain RULE` says more.
"""


def listed(found: Sequence[Rule]) -> str:
    """Return the rules as lines of text, under their families."""
    width = max(len(rule.name) for rule in found)
    lines: list[str] = []
    for family, members in groupby(found, lambda rule: rule.family):
        lines += [family, *(f"  {rule.name:{width}}  {rule.promise}" for rule in members)]
    return "\n".join(lines)


def explained(found: Sequence[Rule], name: str) -> str:
    """Return the page on one rule: promise, reason, source, and its cases as examples."""
    name = former_names(found).get(name, name)
    rule = next((rule for rule in found if rule.name == name), None)
    if rule is None:
        near = ", ".join(rule.name for rule in found if name in rule.name) or "see `stackproof rules`"
        raise CannotTell(f"there is no rule {name!r}", fix=f"give the name of a rule: {near}")
    lines = [
        f"{rule.name} ({rule.family}, {'Guard' if rule.is_guard else 'Python'}): {rule.path}",
        "",
        rule.promise,
        "",
    ]
    lines += [rule.reason, ""] if rule.reason else []
    lines += [f"Formerly {', '.join(rule.formerly)}, to which it still answers", ""] if rule.formerly else []
    told = cases(rule)
    for expect, title in (("pass", "It is kept by"), ("fail", "It is broken by")):
        lines += [
            title,
            *(f"  - {case.name}{_only(case.side, case.scenario)}" for case in told if case.expect == expect),
        ]
    return "\n".join(lines)


def _only(side: str | None, scenario: str | None) -> str:
    where = [text for text in (side, f"scenario {scenario}" if scenario else "") if text]
    return f" ({', '.join(where)})" if where else ""


def table(found: Sequence[Rule]) -> str:
    """Return the README of the rules' folder: a table a family."""
    return "\n".join([HEAD, *_tables(found)])


def _tables(found: Sequence[Rule]) -> Iterator[str]:
    for family, members in groupby(found, lambda rule: rule.family):
        yield from (f"## {family}", "", "| rule | promise | language | cases |", "| --- | --- | --- | --- |")
        for rule in members:
            told = cases(rule)
            kept = sum(case.expect == "pass" for case in told)
            file = f"{family}/{Path(rule.path).name}"
            language = "Guard" if rule.is_guard else "Python"
            promise = rule.promise.replace("|", "\\|")
            yield f"| [{rule.name}]({file}) | {promise} | {language} | {kept} pass, {len(told) - kept} fail |"
        yield ""
