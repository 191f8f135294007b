"""The parts of a template that are checked before it is worked out."""

import pytest

from stackproof.foundation.values import as_list


@pytest.mark.parametrize(
    ("value", "items"), [("a", ["a"]), (["a"], ["a"]), ([], []), ({"Ref": "a"}, [{"Ref": "a"}])], ids=str
)
def test_one_thing_is_a_list_of_it(value: object, items: list[object]) -> None:
    assert as_list(value) == items
