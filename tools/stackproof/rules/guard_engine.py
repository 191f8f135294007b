"""The Guard engine that is installed: cfn-guard-rs where it has a wheel, guardpycfn elsewhere, behind one call.

cfn-guard-rs has wheels for CPython up to 3.12 (on macOS up to 3.11), guardpycfn for CPython 3.9 and later on Linux
x86-64, macOS arm64 and Windows x86-64; neither has one for musl (Alpine) or for PyPy. The `run_checks` of cfn-guard-rs
cannot read a report beyond 8 KiB, so its native call is used and the whole report read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
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


def _native(package: str, name: str) -> Any:
    """Import a native module of a package without the package, which imports 20 ms of what is not used here."""
    whole = f"{package}.{name}"
    if whole not in sys.modules:
        folder = find_spec(package)
        spec = PathFinder.find_spec(whole, folder.submodule_search_locations) if folder else None
        if spec is None or spec.loader is None:
            raise ImportError(whole)
        found = module_from_spec(spec)
        spec.loader.exec_module(found)
        sys.modules[whole] = found  # it can be begun once in a process, the package too looks here
    return import_module(whole)


def _cfn_guard_rs() -> Engine:
    native = _native("cfn_guard_rs", "cfn_guard_rs")

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
