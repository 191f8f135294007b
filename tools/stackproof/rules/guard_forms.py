"""Whether a rule file in Guard looks at each resource by itself, so that it can be put to those of all stacks at once.

Such a file is written in these forms alone, and compares no resource with another one; where it passes for a document
of many resources, it passes for every part of that document:

    let V = Resources.*[ ... ]         let V = %V[ ... ]        let V = some %V.A.B       let V = CONSTANT
    rule R when %V !empty {            when %V !empty {
    %V.A { CLAUSES }                   %V.A OPERATOR VALUE             (both below such a `when` of V)

CLAUSES and VALUE name no variable that holds resources or parts of them, and no other rule; nothing of the last line
is joined by `or`. Without its `when`, a part without V would fail; without `some`, what has no A.B would make all of V
count as empty.
Source: https://docs.aws.amazon.com/cfn-guard/latest/ug/query-and-filtering.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

LITERAL = r"""'[^'\n]*'|"[^"\n]*"|/(?:\\.|[^/\n\\])*/"""
REMARK = re.compile(rf"({LITERAL})|#[^\n]*|<<.*?>>", re.DOTALL)
LET = re.compile(r"let (\w+) = (some )?(?:(Resources\.\*)(?=\[)|%(\w+))?(.*)")
FILTER = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
OPENING = re.compile(r"(?:rule \w+ )?(?:when %(\w+) !empty )?\{")
OF_EACH = re.compile(r"%(\w+)(.*)")
RULE = re.compile(r"\brule (\w+)")
OF_ALL = re.compile(r"\b(?:empty|exists|or)\b", re.I)
"""Words that, outside a filter, ask something of all resources together."""


@lru_cache(maxsize=1024)
def looks_at_each_resource(text: str) -> bool:
    """Tell whether all that a file says is about each resource by itself; False where that is not plain to see."""
    code = re.sub(LITERAL, "''", REMARK.sub(r"\1", text))
    names = RULE.findall(code)
    if "|" in code or any(len(re.findall(rf"\b{name}\b", code)) > 1 for name in names):
        return False
    selected: set[str] = set()
    wanted: list[str] = []
    inside = 0
    for line in _lines(code):
        if inside:
            inside += line.count("{") - line.count("}")
            if _names_any(line, selected):
                return False
        elif found := LET.fullmatch(line):
            if found[3] or found[4] in selected:
                selected.add(found[1])
            goes_below = found[1] in selected and FILTER.sub("", found[5]).strip()
            if _names_any(found[5], selected) or (goes_below and not found[2]):
                return False
        elif found := OPENING.fullmatch(line):
            wanted.append(found[1] or "")
        elif line == "}" and wanted:
            wanted.pop()
        elif found := OF_EACH.fullmatch(line):
            of_all = OF_ALL.search(FILTER.sub("", found[2]))
            if found[1] not in wanted or of_all or _names_any(found[2], selected):
                return False
            inside = line.count("{") - line.count("}")
        else:
            return False
    return True


def _lines(code: str) -> Iterator[str]:
    """Give the lines of a code; what stands in square brackets is in one line."""
    depth, line = 0, ""
    for part in re.split(r"([\[\]\n])", code):
        depth += {"[": 1, "]": -1}.get(part, 0)
        if part == "\n" and not depth:
            if line.strip():
                yield line.strip()
            line = ""
        else:
            line += " " if part == "\n" else part
    if line.strip():
        yield line.strip()


def _names_any(code: str, selected: AbstractSet[str]) -> bool:
    """Tell whether a piece of code names what resources were selected, or selects some."""
    return "Resources" in re.findall(r"\w+", code) or not selected.isdisjoint(re.findall(r"%(\w+)", code))
