"""Where the values of a text stand."""

import pytest

from stackproof.foundation.finding import Path, Place
from stackproof.template.json_reader import parse_json

DOCUMENT = parse_json('{\n  "a": [1,\n    {"b": 2}],\n  "é": "x"\n}', "t.json")


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [((), 1, 1), (("a",), 2, 8), (("a", 0), 2, 9), (("a", 1), 3, 5), (("a", 1, "b"), 3, 11), (("é",), 4, 8)],
    ids=str,
)
def test_a_value_stands_where_it_begins(path: Path, line: int, column: int) -> None:
    assert DOCUMENT.place(path) == Place("t.json", line, column)


@pytest.mark.parametrize("path", [("a", 1, "c"), ("a", 1, "b", "c"), ("a", 1, 5)], ids=str)
def test_a_path_that_leads_nowhere_stands_at_its_nearest_ancestor(path: Path) -> None:
    assert DOCUMENT.place(path).line == 3


def test_a_path_ends_where_it_first_leads_nowhere() -> None:
    assert DOCUMENT.place(("nowhere", "a")) == DOCUMENT.place()


def test_a_list_has_no_item_of_that_number() -> None:
    assert DOCUMENT.place(("a", 9)) == DOCUMENT.place(("a",))
