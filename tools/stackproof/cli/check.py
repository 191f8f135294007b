"""Templates proven as the command line asks: one or many, and none again of which nothing relevant has changed."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from stackproof.cli import result_cache
from stackproof.cli.result_cache import Kept
from stackproof.foundation.finding import Severity
from stackproof.gate.project import Former, Member, names_further_files

# What only a fresh result needs is imported where it is used, so that a kept one is found in little more than no time.


@dataclass(frozen=True)
class Request:
    """A template, what it is checked by, the day, and the formats of the reports that are wanted of it.

    `further` are checked with it, and reported as one. What else there is, is what `Inputs` of the gate says.
    """

    template: str
    rules: tuple[str, ...]
    scenarios: str
    project: str
    today: date
    lint: bool
    formats: tuple[str, ...]
    cached: bool
    own: bool = True
    further: tuple[Member, ...] = ()
    guard: bool = True
    combinations: bool = False
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    least: Severity = "info"
    fail_on: Severity | None = None
    baseline: str | None = None
    stated: str = ""
    against: tuple[Former, ...] = ()


class Answer(NamedTuple):
    """What came of it; `note` says what was wrong with a kept result, `kept` that this is one."""

    exit: int
    reports: dict[str, str]
    note: str = ""
    kept: bool = False


def answers(requests: Sequence[Request]) -> Iterator[Answer]:
    """Answer requests in their order, several of them on all processors."""
    if len(requests) == 1:
        yield answer(requests[0])
        return
    from stackproof.foundation.pool import map_in_processes

    yield from map_in_processes(answer, requests, min(len(requests), os.cpu_count() or 1), "spawn")


def answer(request: Request) -> Answer:
    """Prove a template, unless the result of exactly this is kept."""
    note = ""
    name = _key(request) if request.cached else None
    try:
        kept = result_cache.load(name) if name else None
    except result_cache.Damaged as error:
        kept, note = None, str(error)
    if kept and kept.reports.keys() >= set(request.formats):
        return Answer(kept.exit, dict(kept.reports), note, True)
    exit_code, reports = _proven(request)
    # What could not be told may be told the next time; what changed meanwhile may not be what was proven.
    if name and exit_code != 2 and name == _key(request):
        result_cache.store(name, Kept(exit_code, {**(kept.reports if kept else {}), **reports}))
    return Answer(exit_code, reports, note)


def _key(request: Request) -> str | None:
    for scenarios in (request.scenarios, *(template.scenarios for template in request.further)):
        if Path(scenarios).is_file() and names_further_files(
            Path(scenarios).read_text(encoding="utf-8", errors="replace")
        ):
            return None
    settings = {**asdict(replace(request, formats=())), "today": request.today.isoformat()}
    files = [path for template in request.further for path in (template.template, template.scenarios)]
    files += _deployed(request)
    files += [request.baseline] if request.baseline else []
    trees = (*request.rules, "docs")  # rules may look into the pages that a template names
    return result_cache.key((request.template, request.scenarios, request.project, *files), trees, settings)


DEPLOYS = re.compile(r"""\bdeploys['"]?\s*:\s*\[?([^\]\n]*)""")
"""What a role says of the templates that CloudFormation deploys in it: a result depends on them as well."""


def _deployed(request: Request) -> Iterator[str]:
    """Give the templates that roles of the checked ones name as what is deployed in them."""
    for path in map(Path, (request.template, *(template.template for template in request.further))):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        names = [name.strip(" \t'\"}") for found in DEPLOYS.findall(text) for name in found.split(",")]
        yield from (name for name in names if name and Path(name).is_file())


def _proven(request: Request) -> tuple[int, dict[str, str]]:
    HELD.clear()
    with _no_collections():
        from stackproof.gate.gate import Inputs, check
        from stackproof.report.formats import rendered

        known = Inputs.__dataclass_fields__.keys() & Request.__dataclass_fields__.keys()
        inputs = Inputs(**{key: getattr(request, key) for key in known})
        outcome = check(inputs, lint=request.lint)
        HELD.append(outcome)
        return outcome.exit, {name: rendered(name, outcome) for name in request.formats}


HELD: list[object] = []
"""What the last proof has made. Freeing it takes 30 ms, which a process that ends after it need not wait for."""


@contextmanager
def _no_collections() -> Iterator[None]:
    # What one proof makes lives until its end: to look for what does not costs a twentieth, and finds next to nothing.
    gc.disable()
    gc.unfreeze()
    try:
        yield
    finally:
        gc.freeze()  # else the first collection afterwards looks through all of it
        gc.enable()
