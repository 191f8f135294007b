"""Laws: any text is a pattern, is none, or is undecided; never a crash, and in bounded time."""

import time
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from stackproof.automata.automaton import Undecided
from stackproof.automata.pattern import Pattern, java, schema
from stackproof.automata.search import shortest
from stackproof.automata.syntax import Unreadable

SECONDS = 5.0
PIECES = [
    *"ab-[](){}*+?|^$\\.&,:!<=019 é",
    "[a-z]",
    "&&",
    "(?!",
    "(?<!",
    "(?:",
    "{2,40}",
    r"\p{L}",
    r"\Q",
    r"\E",
    r"\d",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@given(TEXTS, st.text(alphabet="ab-1 é", max_size=6))
def test_law_any_text_is_read_or_is_said_to_be_no_pattern(pattern: str, text: str) -> None:
    began = time.process_time()
    for read in (java, schema):
        try:
            shortest(read(pattern))
        except (Undecided, Unreadable) as error:
            assert str(error)
    with suppress(Undecided, Unreadable, TimeoutError):
        Pattern(pattern).accepts(text)
    assert time.process_time() - began < SECONDS
