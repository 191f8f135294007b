"""`check --watch`: the same checks again after each change of a file that they read, in a process that stays warm."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Never

from stackproof.cli.check import Request
from stackproof.foundation.files import read_text
from stackproof.foundation.finding import CannotTell
from stackproof.gate.project import names_further_files
from stackproof.template.loader import parse_document

PAUSE = 0.2
"""Seconds between two looks at the files."""


def files_of(request: Request) -> Iterator[Path]:
    """Give the files that a check reads: those that scenarios name and those of the folders of rules included."""
    scenarios = [request.scenarios, *(member.scenarios for member in request.further)]
    yield from map(Path, (request.template, request.project, *(member.template for member in request.further)))
    for path in map(Path, scenarios):
        yield path
        if path.is_file():
            yield from _named(_text(path), path)
    yield from _named(request.stated, Path("stated.json")) if request.stated else ()
    for folder in request.rules:
        yield from Path(folder).rglob("*")


def _text(path: Path) -> str:
    try:
        return read_text(str(path))
    except CannotTell:  # the check says so
        return ""


@lru_cache(maxsize=16)
def _named(scenarios: str, path: Path) -> tuple[Path, ...]:
    """Return where the files may be that scenarios name: templates of sides, and files of parameters."""
    if not names_further_files(scenarios):
        return ()
    try:
        value = parse_document(scenarios, str(path), text_only=True).value
    except CannotTell:
        return ()
    names = dict.fromkeys(_names(value))
    return tuple(folder / name for name in names for folder in dict.fromkeys((path.parent, Path())))


def _names(value: Any) -> Iterator[str]:
    """Give each file that is named below a value; what follows `#` is an environment in it."""
    items = value if isinstance(value, list) else value.values() if isinstance(value, Mapping) else ()
    for key in ("template", "parameter-files") if isinstance(value, Mapping) else ():
        entry = value.get(key)
        yield from (
            text.partition("#")[0] for text in (entry if isinstance(entry, list) else [entry]) if isinstance(text, str)
        )
    for item in items:
        yield from _names(item)


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
