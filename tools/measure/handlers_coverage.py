"""Branch coverage of the handlers by their own tests: `python tools/measure/handlers_coverage.py`; ends 1 below 100 %.

It is measured on the extracted code: under the template's name coverage reads JSON for source, and counts all as run.
The line numbers of what is missing are those of the template. Tests that invent their examples are left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).parents[2]
TESTS = [
    *(str(ROOT / f"tests/unit/handlers/test_handlers_{name}.py") for name in ("analytics", "tracker")),
    str(ROOT / "tests/unit/workflow/test_workflow_tracked.py"),
]


def main() -> int:
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        # Imported here, while nothing is measured yet, the harness needs no second process.
        sys.path.insert(0, str(ROOT / "tests/support"))
        from runtime.function import EXTRACTED

        from stackproof.cli.main import main as stackproof

        os.environ[EXTRACTED] = folder
        measured = coverage.Coverage(branch=True, include=[f"{folder}/*"], data_file=None, config_file=False)
        failed = stackproof(["handlers", folder])
        with measured.collect():
            failed = failed or pytest.main(["-q", "-p", "no:cacheprovider", "-k", "not test_any_", *TESTS])
        return 1 if failed or measured.report(show_missing=True) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
