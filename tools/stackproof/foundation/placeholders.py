"""Tokens: texts that stand in a resolved stack for what only AWS knows.

`{{Logical@region}}` stands for a Ref, `{{Logical.Attribute@region}}` for an attribute, `{{Fn::Name ...@region}}` for
what a function makes of one. `{{resolve:...}}` is a dynamic reference, which CloudFormation itself replaces.
"""

from __future__ import annotations

import re
from typing import TypeGuard

REGION = r"@[a-z]{2,}(?:-[a-z]+)+-[0-9]+"
TOKEN = re.compile(rf"\{{\{{[^{{}}]*{REGION}[^{{}}]*\}}\}}")
WHOLE = re.compile(rf"\{{\{{[^{{}}]*(?:{REGION}|resolve:)[^{{}}]*\}}\}}")
OPENING = "{{resolve:"
IN_IDS = re.compile(r"[A-Za-z0-9_-]+")
"""What the ids hold that AWS gives; ARNs and addresses are parted by other letters."""


def token(name: str, region: str, attribute: str = "") -> str:
    return f"{{{{{name}{'.' if attribute else ''}{attribute}@{region}}}}}"


def is_unknown(value: object) -> TypeGuard[str]:
    """Tell whether a value is wholly a token or a dynamic reference: of a list, not even its length is known."""
    return isinstance(value, str) and WHOLE.fullmatch(value) is not None


def holds_unknown(value: str) -> bool:
    """Tell whether only AWS knows a part of a text."""
    return "{{" in value and WHOLE.search(value) is not None


def placeholder_of(function: str, value: str) -> str:
    """Return the token of what a function makes of a text that only AWS knows. No brace stands inside a token."""
    inner = WHOLE.sub(lambda found: found[0][2:-2], value)
    return f"{{{{{_without_braces(function)} {_without_braces(inner)}}}}}"


def _without_braces(text: str) -> str:
    return text.replace("{", "%7B").replace("}", "%7D")


def split(text: str, delimiter: str) -> list[str] | None:
    """Cut a text apart from its tokens; return None where a token may hold the delimiter."""
    if TOKEN.search(text) is None:
        return text.split(delimiter)
    if is_unknown(text) or IN_IDS.fullmatch(delimiter):
        return None
    pieces: list[str] = []

    def keep(found: re.Match[str]) -> str:
        pieces.append(found[0])
        return "\0"

    parts = TOKEN.sub(keep, text).split(delimiter)
    waiting = iter(pieces)
    return [re.sub("\0", lambda _: next(waiting), part) for part in parts]
