"""How many examples Hypothesis tries, and what it tells of them.

`ci` is the profile unless HYPOTHESIS_PROFILE names another: `thorough` tries 20,000 examples of each law, `quick` 50.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
for name, examples in {"quick": 50, "ci": 250, "thorough": 20_000}.items():
    settings.register_profile(name, max_examples=examples, deadline=None, print_blob=True, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Let tests run where the checkout is: a worker of pytest-xdist on another machine begins above it."""
    os.chdir(config.rootpath)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Note on each report how many examples the law was tried on; notes travel from one process to another."""
    outcome: Any = yield
    counts = re.findall(r"([0-9]+) passing", getattr(item, "hypothesis_statistics", ""))
    report = outcome.get_result()
    if counts and report.when == "call":
        report.user_properties.append(("examples", sum(map(int, counts))))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [
        f"{count:>7,}  {report.location[2].removeprefix('test_').replace('_', ' ')}"
        for report in terminalreporter.stats.get("passed", [])
        for key, count in report.user_properties
        if key == "examples"
    ]
    if lines:
        terminalreporter.section("examples tried of each law")
        terminalreporter.write_line("\n".join(sorted(lines, key=lambda line: line[9:])))
