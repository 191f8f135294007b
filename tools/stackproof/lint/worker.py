"""cfn-lint in processes of its own: told of a file of jobs on standard input, writes its findings to standard output.

A module of its own because importing cfn-lint and its rules takes 0.5 s: that happens here while the parent does its
own work, and once, before the jobs are shared among forked processes. `lint` starts it and knows the shapes of both.
"""

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cfnlint.jsonschema
from cfnlint.config import ConfigMixIn
from cfnlint.core import run_checks
from cfnlint.decode import convert_dict, decode_str
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.runner import Runner
from cfnlint.version import __version__

from stackproof.lint.patches import shorten
from stackproof.lint.resource_memo import with_memory

Job = dict[str, Any]

NOT_RUN = "E0"
"""How ids begin of what is wrong with a run itself: no template, a rule that crashed. These cannot be ignored."""


class Linter:
    """cfn-lint with its rules loaded, configured as users know it: .cfnlintrc of the home and the current directory."""

    def __init__(self) -> None:
        config = ConfigMixIn([], templates=[])
        rules = Runner(config).rules.data
        shorten(cfnlint, __version__, rules)
        self.rules: Any = Rules(with_memory(__version__, rules))
        self.mandatory = [*config.mandatory_checks, NOT_RUN]

    def run(self, job: Job) -> Iterator[dict[str, Any]]:
        """Lint one template, as it is written or as a value in JSON: {number, regions, path and text, or value}."""
        if "text" in job:
            template, matches = decode_str(job["text"])
        else:
            template, matches = convert_dict(json.loads(job["value"])), []
        if not matches:
            matches = run_checks(job.get("path"), template, self.rules, job["regions"], self.mandatory)
        for match in matches:
            yield {"number": job["number"], **_plain(match)}


def _plain(match: Match) -> dict[str, Any]:
    return {
        "rule": match.rule.id,
        "message": match.message,
        "source": match.rule.source_url,
        "path": [int(key) if isinstance(key, int) else str(key) for key in getattr(match, "path", None) or ()],
        "line": match.linenumber,
        "column": match.columnnumber,
    }


def work(linter: Linter, groups: list[list[Job]], queue: int) -> dict[str, Any]:
    """Run the groups whose numbers come out of the queue until it is empty."""
    found: list[dict[str, Any]] = []
    try:
        while number := os.read(queue, 1):
            for job in groups[number[0]]:
                found += linter.run(job)
    except (Exception, SystemExit) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"found": found}


def main() -> None:
    """Do the jobs, shared among as many processes as there are processors, and end."""
    try:
        results = _shared(Linter())
    except (Exception, SystemExit) as error:
        results = [{"error": f"{type(error).__name__}: {error}"}]
    with os.fdopen(1, "w", encoding="utf-8") as stream:
        json.dump(results, stream)
    os._exit(0)  # taking cfn-lint down takes 0.1 s


def _shared(linter: Linter) -> list[dict[str, Any]]:
    groups = json.loads(Path(sys.stdin.read()).read_text(encoding="utf-8"))
    queue, entrance = os.pipe()
    os.write(entrance, bytes(range(len(groups))))
    os.close(entrance)
    gc.freeze()
    helpers = [_helper(linter, groups, queue) for _ in range(min(len(groups), processors()) - 1)]
    results = [work(linter, groups, queue)]
    for pid, answer in helpers:
        with os.fdopen(answer, encoding="utf-8") as stream:
            text = stream.read()
        _, status = os.waitpid(pid, 0)
        results.append(json.loads(text) if status == 0 else {"error": f"a process ended with status {status}"})
    return results


def _helper(linter: Linter, groups: list[list[Job]], queue: int) -> tuple[int, int]:
    """Fork a process that works too; return its id and where its results can be read."""
    answer, mouth = os.pipe()
    pid = os.fork()
    if pid:
        os.close(mouth)
        return pid, answer
    with os.fdopen(mouth, "w", encoding="utf-8") as stream:
        json.dump(work(linter, groups, queue), stream)
    os._exit(0)


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
