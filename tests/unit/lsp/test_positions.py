"""Positions of an editor and places of a text: units of UTF-16 from 0, characters from 1."""

import pytest

from stackproof.foundation.finding import Path, Place
from stackproof.lsp.positions import Position, offset, path_at, position
from stackproof.template.loader import parse_document

TEXT = 'a: "x"\nb: "😀y"\n'


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (Place("t", 1, 1), Position(0, 0)),
        (Place("t", 2, 5), Position(1, 4)),
        (Place("t", 2, 6), Position(1, 6)),
        (Place("t", 9, 1), Position(2, 0)),
    ],
)
def test_a_place_is_a_position(place: Place, wanted: Position) -> None:
    assert position(TEXT, place) == wanted


@pytest.mark.parametrize(
    ("at", "letter"), [(Position(0, 0), "a"), (Position(1, 4), "😀"), (Position(1, 6), "y"), (Position(0, 99), "\n")]
)
def test_a_position_is_an_offset(at: Position, letter: str) -> None:
    assert TEXT[offset(TEXT, at)] == letter


def test_a_position_behind_the_text_is_its_end() -> None:
    assert offset(TEXT, Position(9, 0)) == len(TEXT)


JSON = '{\n  "Resources": {\n    "A": { "Type": "T", "Items": [1, { "x": 2 }] }\n  }\n}\n'
YAML = "Resources:\n  A:\n    Type: T\n    Items:\n      - 1\n      - x: 2\n"


@pytest.mark.parametrize(
    ("name", "text", "line", "word", "path"),
    [
        ("t.json", JSON, 2, '"T"', ("Resources", "A", "Type")),
        ("t.json", JSON, 2, '"Type"', ("Resources", "A", "Type")),
        ("t.json", JSON, 2, "2", ("Resources", "A", "Items", 1, "x")),
        ("t.json", JSON, 2, '"x"', ("Resources", "A", "Items", 1, "x")),
        ("t.json", JSON, 2, '"A"', ("Resources", "A")),
        ("t.json", JSON, 1, '"Resources"', ("Resources",)),
        ("t.yaml", YAML, 1, "A", ("Resources", "A")),
        ("t.yaml", YAML, 2, "T", ("Resources", "A", "Type")),
        ("t.yaml", YAML, 3, "Items", ("Resources", "A", "Items")),
        ("t.yaml", YAML, 5, "2", ("Resources", "A", "Items", 1, "x")),
    ],
)
def test_the_value_at_a_position_has_a_path(name: str, text: str, line: int, word: str, path: Path) -> None:
    column = text.split("\n")[line].index(word)
    assert path_at(parse_document(text, name), Position(line, column)) == path
