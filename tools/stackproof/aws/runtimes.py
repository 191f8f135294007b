"""When the runtimes of AWS Lambda end."""

from __future__ import annotations

import datetime

from stackproof.aws.cfnlint_files import runtimes
from stackproof.foundation.finding import CannotTell

SUITE = ("python3.11", "python3.12")
"""The runtimes that this package and its tests run on, and so can try a function's code on: pyproject.toml."""


def end(runtime: str) -> datetime.date:
    """Return the day that a runtime is deprecated; raise CannotTell for one that is not known.

    Source: Lambda Developer Guide, "Lambda runtimes".
    """
    day = runtimes().get(runtime, {}).get("deprecated")
    if day is None:
        raise CannotTell(
            f"when the runtime {runtime!r} ends is not known", fix="name one of Lambda's, or upgrade cfn-lint"
        )
    return datetime.date.fromisoformat(day)


def today() -> datetime.date:
    """Return the day that runtimes are measured by: the one place that asks, so that tests can put another."""
    return datetime.datetime.now(datetime.UTC).date()
