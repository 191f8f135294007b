"""Laws of JSON with places, on invented values in invented layouts."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stackproof.foundation.finding import Path
from stackproof.template.json_reader import parse_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
TEXTS = st.builds(
    lambda value, indent, ascii_only: json.dumps(value, indent=indent, ensure_ascii=ascii_only),
    VALUES,
    st.sampled_from([None, 0, 2, "\t"]),
    st.booleans(),
)


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from walk(member, (*path, key))


@given(TEXTS)
def test_law_the_value_is_what_the_standard_library_reads(text: str) -> None:
    assert parse_json(text, "t.json").value == json.loads(text)


@given(TEXTS)
def test_law_every_value_is_read_again_at_its_place(text: str) -> None:
    document = parse_json(text, "t.json")
    lines = text.split("\n")
    for path, value in walk(document.value):
        place = document.place(path)
        rest = "\n".join(lines[place.line - 1 :])[place.column - 1 :]
        assert json.JSONDecoder().raw_decode(rest)[0] == value
