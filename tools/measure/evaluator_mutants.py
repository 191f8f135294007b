"""Mistakes put into the evaluator's modules, one at a time: which of them its tests notice.

`python tools/measure/evaluator_mutants.py [MODULE ...]` prints those that pass, and ends 1 if one passes that
docs/evaluator-mutants.md does not explain, or if that page explains one that does not pass. Each mistake is made in a
process forked from one that has collected the tests, so it costs hundredths of a second; it is put to the tests that
run the changed line: first to those that noticed a mistake of the same module, then to the quickest. Laws are left
out: what only an invented example finds is found by luck.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from mmap import mmap
from pathlib import Path
from struct import pack, unpack
from types import CodeType, FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import coverage
import pytest
from _pytest.runner import runtestprotocol
from code_mutants import Mutant, mutants
from evaluator_coverage import MODULES, ROOT, tests_of

PAGE = ROOT / "docs/evaluator-mutants.md"
SOURCES = ROOT / "tools/stackproof"
SECONDS = 20
"""Longer than all tests of the evaluator take: a mistake that takes more is noticed, as it would be."""
Tests = Mapping[str, Mapping[int, list[int]]]
"""Of each module and line the tests that run it, by their index, the quickest first."""


def forked(work: Callable[[], int]) -> int:
    """Do some work in a process of its own; return what it ends with, 1 where it takes too long."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS * 30)
        code = 1
        try:
            code = work()
        finally:
            os._exit(code)
    return min(1, os.waitpid(child, 0)[1])


def forget() -> None:
    """Forget what the package keeps from one call to the next."""
    for module in _package():
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
            elif isinstance(value, WeakKeyDictionary):
                value.clear()


def passes(item: Any) -> bool:
    return all(report.passed for report in runtestprotocol(item, log=False, nextitem=None))


def runs(items: list[Any]) -> Tests:
    """Run every test once; return which lines each runs."""
    with tempfile.TemporaryDirectory() as folder:
        lines_file = Path(folder) / "lines"
        if forked(lambda: _traced(items, lines_file)):
            raise pytest.UsageError("a test fails without any mistake made")
        return {
            module: {int(line): found for line, found in lines.items()} for module, lines in _read(lines_file).items()
        }


def _read(file: Path) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = json.loads(file.read_text())
    return found


def _traced(items: list[Any], lines_file: Path) -> int:
    traced = coverage.Coverage(data_file=None, include=[f"{SOURCES}/*"], config_file=False)
    took = []
    with traced.collect():
        for index, item in enumerate(items):
            traced.switch_context(str(index))
            forget()
            start = time.perf_counter()
            if not passes(item):
                print(f"{item.nodeid} fails", file=sys.__stderr__, flush=True)
                return 1
            took.append(time.perf_counter() - start)
    data = traced.get_data()
    lines = {
        module: {
            line: sorted((int(test) for test in tests if test), key=took.__getitem__)
            for line, tests in data.contexts_by_lineno(f"{SOURCES}/{module.replace('.', '/')}.py").items()
        }
        for module in MODULES
    }
    lines_file.write_text(json.dumps({**lines, "": {0: sorted(range(len(items)), key=took.__getitem__)}}))
    return 0


def _package() -> list[ModuleType]:
    return [module for name, module in sys.modules.items() if name.partition(".")[0] == "stackproof"]


def put(mutant: Mutant, in_function: bool) -> None:
    """Put a mistake into the modules as they are loaded: into a function's code, or into all that is made on import."""
    module = sys.modules[f"stackproof.{mutant.module}"]
    if in_function:
        _function(module, mutant.where).__code__ = _code(mutant.code, mutant.where.split("."))
        return
    made = {"__name__": module.__name__}
    exec(mutant.code, made)
    old = dict(vars(module))
    for name in made.keys() & old.keys():
        if isinstance(old[name], FunctionType | type):
            _take_defaults(old[name], made[name])
        elif not name.startswith("__") and not isinstance(made[name], ModuleType):
            for other in sys.modules.copy().values():
                if getattr(other, "__dict__", {}).get(name) is old[name]:
                    setattr(other, name, made[name])


def _take_defaults(old: Any, new: Any) -> None:
    if isinstance(old, FunctionType):
        old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    elif isinstance(old, type) and old.__module__.startswith("stackproof."):
        for name in vars(old).keys() & vars(new).keys():
            if isinstance(vars(old)[name], FunctionType):
                _take_defaults(vars(old)[name], vars(new)[name])


def _function(module: ModuleType, where: str) -> Any:
    found: Any = module
    for name in where.split("."):
        found = vars(found)[name]
    found = getattr(found, "fget", None) or getattr(found, "__func__", found)
    found = found.func if isinstance(found, cached_property) else found
    return getattr(found, "__wrapped__", found)


def _code(code: CodeType, names: list[str]) -> CodeType:
    for name in names:
        code = next(inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == name)
    return code


class Trial:
    """A run of pytest that, when the tests are collected, puts the mutants to them instead of running them once."""

    def __init__(self, modules: list[str]) -> None:
        self.modules = modules
        self.tried = 0
        self.passed: list[str] = []
        self.noticed_by = mmap(-1, 4)
        self.first: list[int] = []

    def pytest_runtestloop(self, session: Any) -> bool:
        tests = runs(session.items)
        for module in self.modules:
            file = SOURCES / f"{module.replace('.', '/')}.py"
            self.first = [at for at, item in enumerate(session.items) if item.path.name == f"test_{module}.py"]
            start = time.perf_counter()
            for mutant in mutants(module, file.read_text(), str(file)):
                self.tried += 1
                if not self.notices(mutant, session.items, tests):
                    self.passed.append(str(mutant))
                    print(f"- {mutant}", file=sys.__stdout__, flush=True)
            print(f"{module}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        return True

    def notices(self, mutant: Mutant, items: list[Any], tests: Tests) -> bool:
        lines = tests[mutant.module] if mutant.where else {}
        found = {test for line in mutant.lines for test in lines.get(line, [])}
        inorder = [test for test in dict.fromkeys([*self.first, *tests[""][0]]) if not found or test in found]

        def work() -> int:
            signal.alarm(SECONDS)
            forget()
            put(mutant, in_function=bool(found))
            failed = next((test for test in inorder if not passes(items[test])), None)
            self.noticed_by[:] = pack("i", -1 if failed is None else failed)
            return int(failed is not None)

        noticed = forked(work) != 0
        (test,) = unpack("i", self.noticed_by[:])
        if noticed and test >= 0:
            self.first = [test, *(earlier for earlier in self.first if earlier != test)]
        return noticed


def explained(modules: list[str]) -> Iterator[str]:
    for line in re.findall("^- (.*)$", PAGE.read_text(encoding="utf-8"), re.M):
        if line.split(":")[0].split(".")[0] in modules:
            yield line


def main() -> int:
    os.chdir(ROOT)
    modules = sys.argv[1:] or list(MODULES)
    trial = Trial(modules)
    tests = tests_of(MODULES)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--capture=sys"]
    pytest.main([*options, *tests], plugins=[trial])
    known = set(explained(modules)) if PAGE.exists() else set()
    print(f"{trial.tried} mistakes tried, {trial.tried - len(trial.passed)} noticed, {len(trial.passed)} not")
    for line in sorted(set(trial.passed) - known):
        print(f"not explained: {line}")
    for line in sorted(known - set(trial.passed)):
        print(f"explained, but noticed: {line}")
    return int(set(trial.passed) != known)


if __name__ == "__main__":
    sys.exit(main())
