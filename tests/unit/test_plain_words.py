"""What a reader sees says it in the words of the field: rules pass or fail, and a fix names the edit."""

import ast
import re
from collections.abc import Iterator
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


def texts(tree: ast.AST) -> Iterator[str]:
    """Give every text of a module: messages, fixes, help, docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_rule_and_fix(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if RIDDLES.search(line)] == []


def test_messages_and_docstrings_say_rule_and_fix() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
    found = [(path.name, text) for path, tree in trees.items() for text in texts(tree) if RIDDLES.search(text)]
    assert len(trees) > 200
    assert found == []
