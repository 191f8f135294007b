"""Line and branch coverage of the evaluator's modules by their own tests: `python tools/measure/evaluator_coverage.py`.

Ends 1 below 100 %. Laws are left out: what only an invented example reaches is reached by luck.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).parents[2]
MODULES = (
    *("foundation.finding", "foundation.document", "template.json_reader", "foundation.yaml_reader"),
    *("template.loader", "foundation.placeholders", "template.sub_text", "template.grammar"),
    *("template.function_check", "template.section_check", "aws.regions", "aws.schemas"),
    *("evaluation.scenario", "template.parameters", "evaluation.parameter_values", "aws.cidr"),
    *("evaluation.scope", "aws.references", "aws.attributes", "evaluation.evaluator"),
    *("evaluation.references", "evaluation.intrinsics", "evaluation.conditions"),
    *("evaluation.assertions", "foundation.ordering", "evaluation.dynamic_references"),
    *("evaluation.stack", "evaluation.deployment", "gate.branch_coverage"),
)
"""PACKAGE.MODULE of each."""


def tests_of(modules: Iterable[str]) -> list[str]:
    """Return the test files of some modules, and the documented cases."""
    names = [name.split(".") for name in (*modules, "evaluation.documented_cases")]
    return [str(ROOT / f"tests/unit/{package}/test_{module}.py") for package, module in names]


def main() -> int:
    os.chdir(ROOT)
    included = [f"*/tools/stackproof/{name.replace('.', '/')}.py" for name in MODULES]
    measured = coverage.Coverage(branch=True, include=included, data_file=None, config_file=False)
    with measured.collect():
        failed = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests_of(MODULES)])
    return 1 if failed or measured.report(show_missing=True, skip_covered=True) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
