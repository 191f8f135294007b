"""What a reader sees says it in the words of the field: rules pass or fail, a fix names the edit, a name its thing."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RIDDLES = re.compile(r"\b(?:promise[sd]?|mend(?:s|ed|ing)?)\b", re.IGNORECASE)
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "tox.ini", "pyproject.toml", ".pre-commit-hooks.yaml")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "tools/stackproof/page/templates").glob("*.jinja")),
    *sorted((ROOT / "rules").glob("*/*.guard")),
]
SOURCES = [*sorted((ROOT / "tools/stackproof").rglob("*.py")), *sorted((ROOT / "rules").glob("*/*.py"))]
SCRIPTS = [path for folder in ("tools/measure", "benchmarks", "docs") for path in sorted((ROOT / folder).glob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NAMES_NOTHING = {"one", "said", "told", "giver", "given", "settled"}
"""Names that leave the reader to guess: the thing itself has one, such as statement, message, reason or values."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def texts(module: ast.AST) -> Iterator[str]:
    """Give every text of a module: messages, fixes, help, docstrings."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def bindings(module: ast.AST) -> Iterator[tuple[int, str]]:
    """Give line and name of what a module defines: variables, arguments, functions, classes, fields, imports."""
    nodes = list(ast.walk(module))
    named_by_others = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "hypothesis"]
    theirs = [alias for node in named_by_others for alias in node.names if not alias.asname]
    for node in (node for node in nodes if node not in theirs):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                yield node.lineno, name
            case ast.alias(name=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name


def riddles(module: ast.AST) -> list[tuple[int, str]]:
    return sorted((line, name) for line, name in bindings(module) if name.strip("_").lower() in NAMES_NOTHING)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_rule_and_fix(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if RIDDLES.search(line)] == []


def test_messages_and_docstrings_say_rule_and_fix() -> None:
    found = [(path.name, text) for path in SOURCES for text in texts(tree(path)) if RIDDLES.search(text)]
    assert len(SOURCES) > 200
    assert found == []


def test_a_name_says_what_the_thing_is() -> None:
    paths = (*SOURCES, *SCRIPTS, *TESTS)
    assert len(TESTS) > 200
    found = [f"{path.relative_to(ROOT)}:{line}: {name}" for path in paths for line, name in riddles(tree(path))]
    if found:
        pytest.fail("\n".join(["name the thing itself: statement, message, reason, values, parameter ...", *found]))


@pytest.mark.parametrize(
    "text",
    [
        "one = 1",
        "for one in (): pass",
        "[said for said in ()]",
        "f'{[one for one in ()]}'",
        "def told(): pass",
        "def _given(): pass",
        "def f(*, giver): pass",
        "lambda one: 1",
        "class Given: pass",
        "class A:\n    told: str",
        "import x as one",
        "from x import given",
        "from hypothesis import given as told",
        "(one := 1)",
        "with f() as one: pass",
        "try: pass\nexcept E as said: pass",
        "match x:\n    case [one, *told]: pass",
    ],
)
def test_a_riddle_is_found_wherever_a_name_is_made(text: str) -> None:
    assert riddles(ast.parse(text)) != []


@pytest.mark.parametrize(
    "text", ["statement = one", "f(given=1)", "given_parameters = 1", "x.told = 1", "from hypothesis import given"]
)
def test_what_makes_no_name_is_no_riddle(text: str) -> None:
    assert riddles(ast.parse(text)) == []
