"""A project's file of TOML: a table of it, and the lines on which its keys stand."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from stackproof.foundation.finding import CannotTell, Place

AT = re.compile(r"\(at line (\d+), column (\d+)\)")


def table(text: str, path: str, *names: str) -> dict[str, Any]:
    """Return the table `[names…]` of a text of TOML, {} where there is none; raise CannotTell for no table."""
    try:
        found: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        said = AT.search(str(error))
        place = Place(path, int(said[1]), int(said[2])) if said else Place(path, 1, 1)
        raise CannotTell(f"it is no TOML: {' '.join(str(error).split())}", place, "correct this line") from None
    for count, name in enumerate(names, 1):
        found = found.get(name, {})
        if not isinstance(found, dict):
            whole = ".".join(names[:count])
            raise CannotTell(f"{whole} must be a table", line_of(text, path, name), f"write [{whole}] on its own line")
    return dict(found)


def line_of(text: str, path: str, key: str) -> Place:
    """Return the first line of a text of TOML that begins with a key, or names it as a table."""
    word = re.escape(key)
    begins = re.compile(rf"""\s*(\[+[^\]]*\b{word}\s*\]|([\w.]+\.)?["']?{word}(?![\w-]))""")
    lines = (number for number, line in enumerate(text.split("\n"), 1) if begins.match(line))
    return Place(path, next(lines, 1), 1)
