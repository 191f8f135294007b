"""What a run proved, and what it could not: a test that the emulator cannot carry is never a passed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

EXPECTED = (AssertionError, ClientError)
"""What a test may fail with where the emulator lacks something; anything else is a fault of the test."""


@dataclass
class Summary:
    """What is shown at the end of a run."""

    emulated: str = ""
    lines: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)


def lacking(item: pytest.Item) -> pytest.Mark | None:
    """Return the mark that says why a test proves nothing on the emulator, None if it does."""
    return applying(item, "emulator")


def applying(item: pytest.Item, name: str) -> pytest.Mark | None:
    """Return a mark of a test, if it is for the parameters that the test has."""
    callspec = getattr(item, "callspec", None)
    params = callspec.params if callspec else {}
    for mark in item.iter_markers(name):
        if all(params.get(name) == value for name, value in mark.kwargs.items()):
            return mark
    return None


def judged(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Turn the failure of a test that the emulator cannot carry into "not proven", its success into a failure."""
    mark = lacking(item)
    if not mark or report.when != "call":
        return
    why = str(mark.args[0])
    where = (str(item.path), item.location[1] or 0, f"not proven on the emulator: {why}")
    if call.excinfo is None and report.passed:
        report.outcome = "failed"
        report.longrepr = f"the emulator does this now: take the mark away that says {why!r}"
    elif call.excinfo is None or call.excinfo.errisinstance(EXPECTED):
        report.outcome = "skipped"
        report.longrepr = where
        report.user_properties.append(("not proven", why))


def status(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    properties: Mapping[str, Any] = dict(getattr(report, "user_properties", []))
    if "not proven" in properties and report.when == "call":
        return "not proven", "n", "NOT PROVEN"
    if "helped" in properties and report.when == "call" and report.passed:
        return "proved with help", "h", "PROVED WITH HELP"
    if "read only" in properties and report.when == "setup":
        return "left out", "r", "LEFT OUT"
    return None


def summary(terminal: Any, proved: Summary, seconds: float) -> None:
    """Say what was proved, and by name what was not."""
    stats = terminal.stats
    terminal.section(f"on {proved.emulated}" if proved.emulated else "on AWS")
    for line in proved.lines:
        terminal.write_line(line)
    for line in proved.completed:
        terminal.write_line(f"put in by the service's own API, since CloudFormation here lacks or drops it: {line}")
    for report in stats.get("not proven", []):
        why = dict(report.user_properties)["not proven"]
        terminal.write_line(f"not proven: {report.nodeid.partition('::')[2]}: {why}")
    for report in stats.get("left out", []):
        terminal.write_line(f"left out, since it writes: {report.nodeid.partition('::')[2]}")
    counts = [
        f"{len(stats.get('passed', []))} proved",
        f"{len(stats.get('proved with help', []))} proved with help",
        f"{len(stats.get('not proven', []))} not proven",
        f"{len(stats.get('left out', []))} left out",
        f"{len(stats.get('failed', [])) + len(stats.get('error', []))} failed",
    ]
    terminal.write_line(f"{', '.join(counts)}, in {seconds:.0f} seconds")
