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

from stackproof.foundation.pool import map_in_processes
from stackproof.lint.lookup_patches import schema_versions
from stackproof.lint.patches import MEMORY, shorten, speedups
from stackproof.lint.resource_memo import with_memory

Job = dict[str, Any]

NOT_RUN = "E0"
"""How ids begin of what is wrong with a run itself: no template, a rule that crashed. These cannot be ignored."""


class Linter:
    """cfn-lint with its rules loaded, configured as users know it: .cfnlintrc of the home and the current directory."""

    def __init__(self) -> None:
        config = ConfigMixIn([], templates=[])
        rules = Runner(config).rules.data
        self.speedups = shorten(cfnlint, rules)
        self.rules: Any = Rules(
            with_memory(rules, schema_versions(cfnlint)) if MEMORY in self.speedups else dict(rules)
        )
        self._fewer: dict[tuple[str, ...], Any] = {(): self.rules}
        self.mandatory = [*config.mandatory_checks, NOT_RUN]

    def run(self, job: Job) -> Iterator[dict[str, Any]]:
        """Lint one template, as it is written or as a value in JSON.

        The job is {number, regions, path, text} or {number, regions, value, without: ids of rules to leave out}.
        """
        if "text" in job:
            template, matches = decode_str(job["text"])
        else:
            template, matches = convert_dict(json.loads(job["value"])), []
        if not matches:
            rules = self._without(tuple(job.get("without", ())))
            matches = run_checks(job.get("path"), template, rules, job["regions"], self.mandatory)
        for match in matches:
            yield {"number": job["number"], **_plain(match)}

    def _without(self, names: tuple[str, ...]) -> Any:
        if names not in self._fewer:
            self._fewer[names] = Rules({name: rule for name, rule in self.rules.data.items() if name not in names})
        return self._fewer[names]


def _plain(match: Match) -> dict[str, Any]:
    return {
        "rule": match.rule.id,
        "message": match.message,
        "source": match.rule.source_url,
        "path": [int(key) if isinstance(key, int) else str(key) for key in getattr(match, "path", None) or ()],
        "line": match.linenumber,
        "column": match.columnnumber,
    }


def work(group: list[Job]) -> list[dict[str, Any]]:
    """Lint the jobs of a group one after the other, in a forked process that has the rules loaded."""
    return [match for job in group for match in LOADED[0].run(job)]


LOADED: list[Linter] = []
"""The linter that forked processes find loaded."""


def main() -> None:
    """Do the jobs, shared among as many processes as there are processors, and end."""
    try:
        LOADED.append(Linter())
        result = {"found": _shared(), "speedups": [len(LOADED[0].speedups), len(speedups())], "version": __version__}
    except (Exception, SystemExit) as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    with os.fdopen(1, "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os._exit(0)  # taking cfn-lint down takes 0.1 s


def _shared() -> list[dict[str, Any]]:
    groups = json.loads(Path(sys.stdin.read()).read_text(encoding="utf-8"))
    gc.freeze()
    count = min(len(groups), processors())
    if count < 2:
        return [match for group in groups for match in work(group)]
    return [match for found in map_in_processes(work, groups, count, "fork") for match in found]


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
