"""Where a value ends."""

import pytest

from stackproof.foundation.finding import Place
from stackproof.report.source_lines import Sources

ENDS = {
    "a text": ("t.json", '{"a": "b, c", "d": 1}', 7, (1, 13)),
    "a number": ("t.json", '{"a": 10}', 7, (1, 9)),
    "an object of several lines": ("t.json", '{"a": {\n  "b": 1\n  }}', 7, (3, 4)),
    "a scalar of YAML": ("t.yaml", "a: b  \nc: d", 4, (1, 5)),
    "a number of YAML": ("t.yaml", "a: 2026-01-01\n", 4, (1, 14)),
    "a place behind its line": ("t.json", "{}", 9, (1, 10)),
}


@pytest.mark.parametrize(("name", "text", "column", "goal"), ENDS.values(), ids=ENDS)
def test_a_value_ends_where_its_text_does(name: str, text: str, column: int, goal: tuple[int, int]) -> None:
    assert Sources({name: text}).end(Place(name, 1, column))[1:] == goal


def test_in_a_file_that_was_not_read_a_value_ends_where_it_begins() -> None:
    assert Sources({}).end(Place("no.json", 3, 4)) == Place("no.json", 3, 4)
