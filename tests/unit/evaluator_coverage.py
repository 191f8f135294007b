"""Line and branch coverage of the evaluator's modules by their own tests: `python tests/unit/evaluator_coverage.py`.

Ends 1 below 100 %. Laws are left out: what only an invented example reaches is reached by luck.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import coverage
import pytest

HERE = Path(__file__).parent
MODULES = (
    *("finding", "document", "json_text", "yaml_text", "template", "tokens", "substitution", "grammar", "syntax"),
    *("sections", "regions", "schemas", "scenario", "declarations", "parameters", "network", "scope", "formats"),
    *("attributes", "evaluator", "references", "intrinsics", "conditions", "assertions", "order", "dynamic", "stack"),
    *("deployment", "coverage"),
)


def main() -> int:
    os.chdir(HERE.parents[1])
    tests = [str(HERE / f"test_{name}.py") for name in (*MODULES, "documented_cases")]
    included = [f"*/tools/stackproof/{name}.py" for name in MODULES]
    measured = coverage.Coverage(branch=True, include=included, data_file=None, config_file=False)
    with measured.collect():
        failed = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests])
    return 1 if failed or measured.report(show_missing=True, skip_covered=True) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
