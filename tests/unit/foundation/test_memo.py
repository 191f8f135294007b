"""What is worked out once of a value."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.foundation.memo import memoised


class Value:
    """Something that can hold what is memoised of it."""


@memoised
def listed(_value: Value, *more: Any, **named: Any) -> list[Any]:
    return [*more, *named.items()]


def test_the_same_arguments_give_the_same_result() -> None:
    value = Value()
    assert listed(value, "a", "b") is listed(value, "a", "b")


@pytest.mark.parametrize(
    ("more", "named"), [(("b",), {}), (("a", "a"), {}), ((), {}), (("a",), {"key": 1}), ((("key", 1),), {})]
)
def test_other_arguments_have_a_result_of_their_own(more: tuple[Any, ...], named: dict[str, Any]) -> None:
    value = Value()
    assert listed(value, "a") == ["a"]
    assert listed(value, key=1) == [("key", 1)]
    assert listed(value, *more, **named) == [*more, *named.items()]


def test_another_value_has_a_result_of_its_own() -> None:
    assert listed(Value(), "a") is not listed(Value(), "a")


def test_an_error_is_raised_as_it_is() -> None:
    @memoised
    def failing(_value: Value) -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong") as caught:
        failing(Value())
    assert caught.value.__context__ is None
