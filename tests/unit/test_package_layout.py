"""The package keeps its own house rules: reading order, sizes, one owner of each dependency, frozen values.

That packages import in one direction, and modules in no cycle, is import-linter's to say (`tox -e lint`).
"""

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
ROOT = PACKAGE.parents[1]
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.stem not in ("__init__", "__main__")
)
PACKAGES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
PLUGS_IN = {("editor", "cfnlint")}
"""What is imported by the program that it plugs into, and so imports that program beside the module that owns it."""
FOR_RULES = {"api", "aws", "changes", "code", "iam", "monitoring", "permissions", "proof", "topology"}
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
REASON = re.compile(r"one (idea|class|table)\b", re.I)
"""What the docstring of a longer module says, with its reason."""


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))


def imports(parsed: ast.Module) -> set[str]:
    """Return the dotted name of everything that a module imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def third_parties(module: str) -> set[str]:
    tops = {name.split(".")[0] for name in imports(tree(module))}
    return tops - sys.stdlib_module_names - {"stackproof"}


def normal(distribution: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub("[-_.]+", "-", distribution).lower()


def functions(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls_and_names(module: str) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Name | ast.Attribute)}


def listed(package: Path) -> list[str]:
    """Return what the docstring of a package lists, in its order."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    return re.findall(r"^(\w+)  +\S", text, re.MULTILINE)


def test_the_docstring_of_the_root_lists_every_package_once() -> None:
    assert sorted(listed(PACKAGE)) == PACKAGES


def test_the_docstring_of_the_root_has_the_order_of_the_import_contract() -> None:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = configured["tool"]["importlinter"]["contracts"][0]["layers"]
    assert listed(PACKAGE) == [layer for layer in reversed(layers) if layer in PACKAGES]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_docstring_of_a_package_lists_every_module_once(package: str) -> None:
    modules = [path.stem for path in (PACKAGE / package).glob("*.py") if path.stem != "__init__"]
    assert sorted(listed(PACKAGE / package)) == sorted(modules)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_module_imports_of_its_own_package_only_those_above_it(package: str) -> None:
    order = listed(PACKAGE / package)
    upward = {
        (module, other)
        for module in order
        for name in imports(tree(f"{package}.{module}"))
        for other in order[order.index(module) :]
        if f"{name}.".startswith(f"stackproof.{package}.{other}.")
    }
    assert upward == set()


@pytest.mark.parametrize("rule", sorted((ROOT / "rules").rglob("*.py")), ids=lambda path: str(path.stem))
def test_a_rule_imports_only_what_is_for_rules(rule: Path) -> None:
    names = imports(ast.parse(rule.read_text(encoding="utf-8")))
    inside = {name.split(".")[1] for name in names if name.startswith("stackproof.")}
    assert inside - FOR_RULES == set()


def test_each_dependency_is_imported_by_one_module() -> None:
    owners: dict[str, list[str]] = {}
    for module in MODULES:
        for name in third_parties(module):
            if (module, name) not in PLUGS_IN:
                owners.setdefault(name, []).append(module)
    assert {name: users for name, users in owners.items() if len(users) > 1} == {}


def test_each_dependency_is_stated_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    every = [*project["dependencies"], *optional["sat"], *optional["lsp"]]
    stated = {normal(re.split("[<>=~!;]", dependency)[0].strip()) for dependency in every}
    imported = {name for module in MODULES for name in third_parties(module)}
    provided = packages_distributions()
    assert {name for name in imported if not stated & {normal(item) for item in provided.get(name, [name])}} == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_read_in_one_sitting(module: str) -> None:
    lines = len((PACKAGE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE or REASON.search(ast.get_docstring(tree(module)) or "")


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


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("cli.")])
def test_only_the_command_line_prints_and_reads_the_environment(module: str) -> None:
    assert calls_and_names(module) & {"print", "sys.stdout", "sys.stderr", "os.environ", "os.getenv"} == set()
