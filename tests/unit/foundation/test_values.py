"""Numbers in messages are written as people write them."""

from math import inf

import pytest

from stackproof.foundation.values import written


@pytest.mark.parametrize(
    ("value", "expected"), [(1209600, "1209600"), (14.0, "14"), (0.5, "0.5"), (-3.0, "-3"), (1e15, "1" + 15 * "0")]
)
def test_a_number_is_written_without_exponent(value: float, expected: str) -> None:
    assert written(value) == expected


def test_what_has_no_end_is_written_as_such() -> None:
    assert written(inf) == "inf"
