"""What is seen while AWS works: a line for each event, and on a terminal a bar below them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TextIO

from tqdm import tqdm


@dataclass(frozen=True)
class Screen:
    """Where progress is shown; the bar only where the stream is a terminal."""

    stream: TextIO
    bars: list[Any] = field(default_factory=list)

    def say(self, text: str) -> None:
        shown = text.encode(self.stream.encoding or "utf-8", "backslashreplace").decode(self.stream.encoding or "utf-8")
        tqdm.write(shown, file=self.stream)

    def begin(self, title: str, total: int, unit: str = "resource") -> None:
        """Begin a step of `total` things to do."""
        self.say(title)
        bar = tqdm(total=total, file=self.stream, disable=None, leave=False, unit=unit, dynamic_ncols=True)
        self.bars.append(bar)

    def advance(self) -> None:
        """One more thing is done."""
        if self.bars and self.bars[-1].n < self.bars[-1].total:
            self.bars[-1].update()

    def end(self) -> None:
        while self.bars:
            self.bars.pop().close()
