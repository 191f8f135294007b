"""The package keeps its own house rules: reading order, sizes, one owner of each dependency, frozen values."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import stackproof

PACKAGE = Path(stackproof.__file__).parent
ENTRIES = {"__init__", "__main__"}
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem not in ENTRIES)
PLUGS_IN = {("editor", "cfnlint")}
"""What is imported by the program that it plugs into, and so imports that program beside the module that owns it."""
READING_ORDER = re.findall(r"^(\w+)  +\S", stackproof.__doc__ or "", re.MULTILINE)
LONGEST_MODULE, LONGEST_FUNCTION = 200, 30


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))


def imports(module: str) -> set[str]:
    """Return the dotted name of everything that a module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def siblings(module: str) -> set[str]:
    """Return the modules of the package that a module imports."""
    parts = (name.split(".") for name in imports(module))
    return {name[1] for name in parts if name[0] == "stackproof"}


def third_parties(module: str) -> set[str]:
    tops = {name.split(".")[0] for name in imports(module)}
    return tops - sys.stdlib_module_names - {"stackproof"}


def normal(distribution: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub("[-_.]+", "-", distribution).lower()


def functions(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls_and_names(module: str) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Name | ast.Attribute)}


def test_the_package_docstring_lists_every_module_once() -> None:
    assert sorted(READING_ORDER) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_those_above_it(module: str) -> None:
    above = set(READING_ORDER[: READING_ORDER.index(module)])
    assert siblings(module) - above == set()


def test_each_dependency_is_imported_by_one_module() -> None:
    owners: dict[str, list[str]] = {}
    for module in MODULES:
        for name in third_parties(module):
            if (module, name) not in PLUGS_IN:
                owners.setdefault(name, []).append(module)
    assert {name: users for name, users in owners.items() if len(users) > 1} == {}


def test_each_dependency_is_stated_in_pyproject() -> None:
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = {normal(re.split("[<>=~!]", dependency)[0]) for dependency in project["dependencies"]}
    imported = {name for module in MODULES for name in third_parties(module)}
    provided = packages_distributions()
    assert {name for name in imported if not stated & {normal(one) for one in provided[name]}} == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_read_in_one_sitting(module: str) -> None:
    lines = (PACKAGE / f"{module}.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES)
def test_a_function_fits_on_a_screen(module: str) -> None:
    lengths = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(module)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_in_a_docstring_what_it_is(module: str) -> None:
    assert (ast.get_docstring(tree(module)) or "").partition("\n")[0].endswith(".")


@pytest.mark.parametrize("module", MODULES)
def test_every_value_class_is_frozen(module: str) -> None:
    decorators = {
        ast.unparse(decorator)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
    }
    assert {name for name in decorators if "dataclass" in name and "frozen=True" not in name} == set()


@pytest.mark.parametrize("module", [module for module in MODULES if module != "cli"])
def test_only_the_command_line_prints_and_reads_the_environment(module: str) -> None:
    assert calls_and_names(module) & {"print", "sys.stdout", "sys.stderr", "os.environ", "os.getenv"} == set()
