"""The Guard engine that is installed: cfn-guard-rs where it has a wheel, guardpycfn elsewhere, behind one call.

cfn-guard-rs has wheels for CPython up to 3.12 (on macOS up to 3.11), guardpycfn for CPython 3.9 and later on Linux
x86-64, macOS arm64 and Windows x86-64; neither has one for musl (Alpine) or for PyPy. The `run_checks` of cfn-guard-rs
cannot read a report beyond 8 KiB, so its native call is used and the whole report read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from stackproof.foundation.finding import CannotTell

Report = Mapping[str, Any]


class Engine(NamedTuple):
    """A Guard engine: `run` takes a document (JSON), a rule file's text, and whether the report is verbose.

    It returns the report, {} for a file without rules, and None for one that cannot be read. It raises ValueError with
    Guard's words for a file that does not parse or cannot be evaluated; a panic of the native side passes through.
    """

    name: str
    run: Callable[[str, str, bool], Report | None]


def _cfn_guard_rs() -> Engine:
    native = import_module("cfn_guard_rs.cfn_guard_rs")

    def run(document: str, rules: str, verbose: bool) -> Report | None:
        text = native.run_checks_rs(document, rules, verbose)
        try:
            report = json.loads(text) if text else {}
        except ValueError:  # of a short report beyond 8 KiB it gives the end alone
            return None
        return report if isinstance(report, dict) else None

    return Engine("cfn-guard-rs", run)


def _guardpycfn() -> Engine:
    native = import_module("guardpycfn")

    def run(document: str, rules: str, verbose: bool) -> Report | None:
        answer = native.validate_with_guard(document, rules, verbose)
        if not answer["success"]:
            if "rules is required" in answer["error"]:
                return {}
            raise ValueError(answer["error"])
        result = answer["result"]
        return result if isinstance(result, dict) else {} if not result else None

    return Engine("guardpycfn", run)


@cache
def installed() -> tuple[Engine, ...]:
    """Return the engines that are installed, the preferred one first."""
    found = []
    for make in (_cfn_guard_rs, _guardpycfn):
        try:
            found.append(make())
        except ImportError:
            continue
    return tuple(found)


def engine() -> Engine:
    """Return the engine that rules are run by; raise CannotTell where none is installed."""
    if not installed():
        raise CannotTell(
            "no Guard engine is installed: cfn-guard-rs and guardpycfn have no wheel for this Python and platform",
            fix="use CPython 3.11 or 3.12 on Linux with glibc, or pass --no-guard: the rules in Python run, "
            "and those in Guard are named as not checked",
        )
    return installed()[0]
