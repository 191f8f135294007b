"""Whether an expression of JSONata can be read at all: brackets that match, an operator between any two values.

It is no parser: an expression that passes may still be wrong. Source: JSONata documentation, "Expression operators".
"""

from __future__ import annotations

import re
from functools import lru_cache

TOKEN = re.compile(
    r"""(?P<blank>\s+|/\*.*?\*/)|(?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"""
    r"""\$\$?\w*|[^\W\d]\w*)|(?P<sign>:=|!=|<=|>=|~>|\*\*|\.\.|.)""",
    re.DOTALL,
)
REGEX = re.compile(r"/(?!\*)(?:\\.|[^/\\\n])+/[im]*")
PAIRS = {")": "(", "]": "[", "}": "{"}
WORDS = ("and", "or", "in")


@lru_cache(maxsize=1024)
def unreadable_because(expression: str) -> str:
    """Return why an expression cannot be read, "" if nothing is known against it."""
    position, after_value, before, opened = 0, False, "", ""
    while position < len(expression):
        regex = None if after_value else REGEX.match(expression, position)
        found = regex or TOKEN.match(expression, position)
        if found is None:
            return ""
        position, text = found.end(), found[0]
        kind = "value" if regex else found.lastgroup
        if kind == "blank":
            continue
        if kind == "value" and not (after_value and text in WORDS):
            if after_value:
                return f"nothing stands between {before} and {text}"
            after_value = True
        else:
            after_value = text in PAIRS
            if text in PAIRS.values():
                opened += text
            elif text in PAIRS:
                if not opened.endswith(PAIRS[text]):
                    return f"a bracket {text} has no {PAIRS[text]}"
                opened = opened[:-1]
        before = text
    return f"a bracket {opened[-1]} is not closed" if opened else ""
