"""`check --watch`: the same checks again after each change of a file that they read, in a process that stays warm."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Never

from stackproof.cli.check import Request

PAUSE = 0.2
"""Seconds between two looks at the files."""


def files_of(request: Request) -> Iterator[Path]:
    """Give the files that a check reads, those of the folders of rules included."""
    named = [request.template, request.scenarios, request.project]
    named += [path for member in request.further for path in member[:2]]
    yield from map(Path, named)
    for folder in request.rules:
        yield from Path(folder).rglob("*")


def state(requests: Sequence[Request]) -> frozenset[tuple[str, int, int]]:
    """Return what tells whether a file has changed: its time of change, in nanoseconds, and its size in bytes."""
    found = set()
    for request in requests:
        for path in files_of(request):
            try:
                status = path.stat()
            except OSError:
                continue  # it is said by the check that it is not there
            found.add((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)


def watch(requests: Callable[[], Sequence[Request]], run: Callable[[Sequence[Request]], None]) -> Never:
    """Run checks, and again after each change, until interrupted. What is configured is read anew each time."""
    while True:
        asked = requests()
        before = state(asked)  # what changes meanwhile is a change
        run(asked)
        while state(asked) == before:
            time.sleep(PAUSE)
