"""When the runtimes of AWS Lambda end."""

from __future__ import annotations

import datetime
import json
from functools import cache

from stackproof.aws.regions import shipped
from stackproof.foundation.finding import CannotTell

SUITE = ("python3.11", "python3.12")
"""The runtimes that this package and its tests run on, and so can try a function's code on: pyproject.toml."""


@cache
def _table() -> dict[str, dict[str, str | None]]:
    """Source: cfn-lint's data/AdditionalSpecs/LmbdRuntimeLifecycle.json, from Lambda Developer Guide, "Runtimes"."""
    table: dict[str, dict[str, str | None]] = json.loads(
        shipped("cfnlint", "data/AdditionalSpecs/LmbdRuntimeLifecycle.json")
    )
    return table


def end(runtime: str) -> datetime.date:
    """Return the day that a runtime is deprecated; raise CannotTell for one that is not known."""
    day = _table().get(runtime, {}).get("deprecated")
    if day is None:
        raise CannotTell(
            f"when the runtime {runtime!r} ends is not known", fix="name one of Lambda's, or upgrade cfn-lint"
        )
    return datetime.date.fromisoformat(day)


def today() -> datetime.date:
    """Return the day that runtimes are measured by: the one place that asks, so that tests can put another."""
    return datetime.datetime.now(datetime.UTC).date()
