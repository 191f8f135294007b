"""Lints the jobs on standard input in a process of its own: `python tests/support/linted.py alone|spared`.

`alone` is cfn-lint as it is installed; `spared` has a memory and shortcuts, which last as long as the process.
"""

import json
import sys

from stackproof.lint import worker
from stackproof.lint.worker import Job, Linter


def linted(linter: Linter, job: Job) -> object:
    try:
        return list(linter.run(job))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    if sys.argv[1] == "alone":
        vars(worker)["shorten"] = lambda *_: frozenset()
    linter = Linter()
    found = [linted(linter, job) for job in json.load(sys.stdin)]
    json.dump({"found": found, "speedups": sorted(linter.speedups)}, sys.stdout)
