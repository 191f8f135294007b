"""Patterns of ARNs: what both of two cover, tried on all short texts."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stackproof.aws.arn import covers, overlap

TEXTS = ["".join(letters) for length in range(7) for letters in itertools.product("ab", repeat=length)]
PATTERNS = st.text("ab*?", max_size=5).filter(lambda text: len(text.replace("*", "")) <= 3)


@given(PATTERNS, PATTERNS)
def test_two_patterns_overlap_where_some_text_is_covered_by_both(first: str, second: str) -> None:
    both = [text for text in TEXTS if covers(first, text) and covers(second, text)]
    assert overlap(first, second) == bool(both)


def test_patterns_that_neither_covers_the_other_of_overlap() -> None:
    assert overlap("log-group:mine:*", "log-group:*:log-stream:*")
    assert not overlap("log-group:mine", "log-group:*:log-stream:*")
