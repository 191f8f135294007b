"""Laws: ranges of whole numbers hold just their numbers, and their ends are found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.automata import search
from stackproof.automata.automaton import Undecided
from stackproof.automata.numbers import extremes, whole_numbers
from stackproof.automata.pattern import java

ENDS = st.one_of(st.none(), st.integers(-1200, 1200))


@given(ENDS, ENDS, st.integers(-1300, 1300))
def test_law_a_range_holds_just_its_numbers(least: int | None, most: int | None, number: int) -> None:
    inside = (least is None or number >= least) and (most is None or number <= most)
    assert whole_numbers(least, most).accepts(str(number)) == inside


@given(st.integers(0, 10**6), st.integers(0, 10**7))
def test_law_the_ends_of_a_range_are_found_again(least: int, more: int) -> None:
    assert extremes(whole_numbers(least, least + more)) == (least, least + more)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("^(1[3-9]|[2-9][0-9]|1[0-9]{2}|200)$", (13, 200)),
        ("[1-9][0-9]*", (1, None)),
        ("-?[1-9]", (-9, 9)),
        ("[a-z]", None),
        ("0{0,3}7|x", (7, 7)),
        ("[1-9][0-9]{2,5}", (100, 999_999)),
    ],
)
def test_the_numbers_of_a_pattern_have_ends(pattern: str, found: object) -> None:
    assert extremes(java(pattern)) == found


def test_endless_numbers_with_zeros_before_them_are_undecided() -> None:
    with pytest.raises(Undecided, match="zeros before"):
        extremes(java("[0-9]+|none"))


def test_texts_of_a_range_are_plain() -> None:
    assert search.some(whole_numbers(-1, 2), 9) == ["0", "1", "2", "-1"]
