"""A text, the plain value that it holds, and the line and column of every part of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stackproof.foundation.finding import Path, Place

Mark = tuple[int, Any]
"""Offset of a value in its text, and the marks of its members (a dict, a list, or None)."""


@dataclass(frozen=True, eq=False)
class Document:
    """A text, the plain value that it holds, and where each part of that value stands.

    `written` is the document as it is written, where transforms have made this one's value of it.
    """

    path: str
    text: str
    value: Any
    mark: Mark
    written: Document | None = None

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, path: Path = ()) -> Place:
        """Return where the value at `path` stands; of a path that leads nowhere, its nearest ancestor."""
        offset, members = self.mark
        for key in path:
            try:
                offset, members = members[key]
            except (KeyError, IndexError, TypeError):
                break
        return self.place_at(offset)

    def place_at(self, offset: int) -> Place:
        """Return the place of the character at `offset`."""
        line = bisect_right(self._line_starts, offset)
        return Place(self.path, line, offset - self._line_starts[line - 1] + 1)
