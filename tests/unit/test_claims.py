"""What docs/claims.md names is there: resources of the template, rules, tests."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/claims.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| (?!claim|---)", line)
]
RESOURCES = json.loads((ROOT / "lib/TapStack.json").read_text())["Resources"]
RULES = {path.stem for path in (ROOT / "rules").glob("*/*") if path.suffix in (".py", ".guard")}
TESTS = {
    name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
}


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_there_are_fourteen_claims_each_with_all_that_makes_one() -> None:
    assert [len(row) for row in ROWS] == [5] * 14
    assert [row[0] for row in ROWS if not all((*map(names, row[1:4]), row[4]))] == []


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_a_claim_names_is_there(row: list[str]) -> None:
    known = (RESOURCES, RULES, TESTS)
    missing = [name for cell, there in zip(row[1:4], known, strict=True) for name in names(cell) if name not in there]
    assert missing == []
