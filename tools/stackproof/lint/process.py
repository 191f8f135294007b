"""The process in which cfn-lint works, beside the gate's own work: what it is asked, and what it answers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

# A fixed seed, because cfn-lint reports some findings (E3019) at the first member of a set. No garbage collection: it
# costs half of the time to load 329 rules and a tenth of a run, for 10 MB of the template and 140 MB of 528 resources.
WORKER = """
import gc, sys
gc.disable()
sys.path.insert(0, sys.argv[1])
from stackproof.lint.worker import main
main()
"""
COMMAND = ["env", "PYTHONHASHSEED=0", sys.executable, "-P", "-c", WORKER, str(Path(__file__).parents[2])]

Group = list[dict[str, Any]]
"""Jobs that one worker does one after the other: each has a number, which comes back with what is found."""


class Process:
    """cfn-lint at work: `ask` it as often as there is something to lint, then `begin`, then take its `result`.

    It loads, for 0.7 s, from the moment it is made: make it before there is something to ask.
    """

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")
        self._file = tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json")  # noqa: SIM115 - `stop` closes it
        self._groups: list[tuple[float, Group]] = []
        self._result: dict[str, Any] = {}

    def ask(self, group: Group, weight: float) -> None:
        """Let it do the jobs of a group, those of most weight first."""
        self._groups.append((weight, group))

    def begin(self) -> None:
        """Let it do all that it was asked."""
        self._groups.sort(key=lambda group: group[0], reverse=True)
        json.dump([group for _, group in self._groups], self._file)
        self._file.flush()
        stdin, self._process.stdin = self._process.stdin, None
        with suppress(BrokenPipeError):  # it has ended: its result says why
            if stdin:
                stdin.write(self._file.name)
                stdin.close()

    def result(self) -> dict[str, Any]:
        """Wait for it and return {found, speedups, version}, or {error} if it did not do everything."""
        if not self._result:
            try:
                out, err = self._process.communicate()
            finally:
                self.stop()
            try:
                self._result = json.loads(out)
            except ValueError:
                self._result = {"error": (err.strip().splitlines() or ["it said nothing"])[-1]}
        return self._result

    def stop(self) -> None:
        """End it, whatever it is at, and leave nothing behind."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr, self._file):
            if stream:
                stream.close()
