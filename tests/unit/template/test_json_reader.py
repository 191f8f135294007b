"""JSON as it is read and refused."""

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.template.json_reader import parse_json


def refusal(text: str) -> str:
    with pytest.raises(CannotTell) as error:
        parse_json(text, "t.json")
    return str(error.value)


def test_a_key_that_stands_twice_is_refused_with_both_places() -> None:
    message = refusal('{\n "a": 1,\n "b": 2,\n "a": 3}')
    assert message.startswith("t.json:4:2: the key 'a' stands twice in one mapping, first at line 2 column 2")


def test_a_key_written_in_escapes_stands_where_its_value_does() -> None:
    assert refusal('{"\\u0061": 1, "\\u0061": 2}').startswith("t.json:1:25: the key 'a' stands twice")


def test_a_key_beyond_ascii_is_found_as_it_is_written() -> None:
    assert refusal('{"é": 1, "é": 2}').startswith("t.json:1:10: the key 'é' stands twice")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.json:1:1: not JSON: a value is missing"),
        ("[1,", "t.json:1:4: not JSON: expecting value"),
        ("[1 2]", "t.json:1:4: not JSON: expecting ',' delimiter"),
        ("{'a': 1}", "t.json:1:2: not JSON: expecting property name"),
        ('{"a": 1} {', "t.json:1:10: not JSON: there is more text after the value"),
        ("X{}", "t.json:1:1: not JSON: a value is missing"),
        ("{}X", "t.json:1:3: not JSON: there is more text after the value"),
        ("[NaN]", "t.json:1:2: NaN is not JSON"),
        ("[-Infinity]", "t.json:1:2: -Infinity is not JSON"),
        ("[1e999]", "t.json:1:2: the number 1e999 is out of range"),
        ("[" + "9" * 5000 + "]", "t.json:1:2: a whole number of more than 4,300 digits"),
    ],
    ids=lambda text: str(text)[:20],
)
def test_what_is_not_json_is_refused_where_it_is_not(text: str, message: str) -> None:
    assert refusal(text).startswith(message)


def test_blanks_around_the_value_are_nothing() -> None:
    assert parse_json("\n\t {} \r\n", "t.json").value == {}


def test_numbers_are_what_they_are_written_as() -> None:
    assert parse_json("[1, 1.0, -0.5e1]", "t.json").value == [1, 1.0, -5.0]
