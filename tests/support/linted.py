"""Lints the jobs on standard input in a process of its own: `python tests/support/linted.py alone|spared`.

`alone` is cfn-lint as it is installed; `spared` has a memory and shortcuts, which last as long as the process.
"""

import json
import re
import sys

from stackproof.lint import resource_memo
from stackproof.lint.worker import Job, Linter


def linted(linter: Linter, job: Job) -> object:
    try:
        return list(linter.run(job))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    if sys.argv[1] == "alone":
        resource_memo.READ = re.compile("none")
    linter = Linter()
    json.dump([linted(linter, job) for job in json.load(sys.stdin)], sys.stdout)
