"""Time that passes when someone waits for it, so that an hour of silence costs a test nothing."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

EPOCH = 1718429898.0
"""The second of the calendar that a test begins at: 15 June 2024."""
SCALE = 20
"""A real second of waiting for an answer over HTTP stands for so many."""


class TimedOut(BaseException):
    """Lambda ends a container whose time is over, whatever its code catches."""


class Clock:
    """Seconds since the test began, and when the running invocation must have ended."""

    def __init__(self) -> None:
        self.now = 0.0
        self.deadline = float("inf")

    def time(self) -> float:
        """Return the second of the calendar that it is now."""
        return EPOCH + self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self.deadline:
            self.now = self.deadline
            raise TimedOut

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Let code run for so long, by this clock: sleeps pass at once, waits for HTTP answers SCALE times as fast."""
        self.deadline = self.now + seconds
        really = urllib.request.OpenerDirector.open

        def opened(director: Any, request: Any, data: Any = None, timeout: float = 60) -> Any:
            begun = time.perf_counter()
            try:
                return really(director, request, data, timeout / SCALE)
            finally:
                self.wait((time.perf_counter() - begun) * SCALE)

        try:
            with (
                patch("time.sleep", self.wait),
                patch("time.time", self.time),
                patch.object(urllib.request.OpenerDirector, "open", opened),
            ):
                yield
        finally:
            self.deadline = float("inf")
