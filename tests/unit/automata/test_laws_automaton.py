"""Laws: automata agree with `re` and `regex` on invented patterns and texts, and their operations with sets."""

import re
from itertools import product

import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from stackproof.automata import construction, images, search, sets
from stackproof.automata.automaton import Automaton
from stackproof.automata.pattern import java, schema

LETTERS = "ab-"
SHORT = ["".join(letters) for length in range(5) for letters in product(LETTERS, repeat=length)]
"""Every text of up to four letters."""


def patterns(*leaves: str) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["a", "b", "-", "[ab]", "[^a]", "[a-b-]", ".", r"\w", "", *leaves])
    counts = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "*?", "+?"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map("".join),
            st.tuples(inner, inner).map(lambda both: f"(?:{both[0]}|{both[1]})"),
            st.tuples(inner, counts).map(lambda both: f"(?:{both[0]}){both[1]}"),
        ),
        max_leaves=8,
    )


POSSESSIVE = [f"{letters}{count}+" for letters in ("a", "[ab]", "[^-]") for count in ("*", "+", "?", "{1,2}", "{2}")]
LOOKS = ["(?!a)", "(?=b)", "(?!.*--)", "(?=.*a$)", "(?!ab|b)", "(?=$)", "(?!(?:ab)*$)"]


def of(found: Automaton) -> set[str]:
    return {text for text in SHORT if found.accepts(text)}


@given(patterns(*POSSESSIVE, *LOOKS))
def test_law_a_pattern_matches_what_regex_matches(pattern: str) -> None:
    compiled = regex.compile(pattern)
    assert of(java(pattern)) == {text for text in SHORT if compiled.fullmatch(text)}


@given(patterns("^", "$", "^a", "b$", *LOOKS))
def test_law_a_schemas_pattern_is_found_where_re_finds_it(pattern: str) -> None:
    compiled = re.compile(pattern)
    assert of(schema(pattern)) == {text for text in SHORT if compiled.search(text)}


@given(patterns())
def test_law_a_matched_text_of_any_alphabet_is_accepted(pattern: str) -> None:
    found = java(pattern)
    text = search.shortest(found)
    assume(text is not None)
    assert re.fullmatch(pattern, text or "")


@given(patterns(), patterns())
def test_law_operations_are_those_of_sets(first: str, second: str) -> None:
    mine, its = java(first), java(second)
    assert of(construction.union(mine, its)) == of(mine) | of(its)
    assert of(sets.intersection(mine, its)) == of(mine) & of(its)
    assert of(sets.difference(mine, its)) == of(mine) - of(its)


@given(patterns(), patterns())
def test_law_a_concatenation_holds_each_pair(first: str, second: str) -> None:
    compiled = re.compile(f"(?:{first})(?:{second})")
    whole = construction.concatenation(java(first), java(second))
    assert of(whole) == {text for text in SHORT if compiled.fullmatch(text)}


@given(patterns(), patterns(), st.sampled_from(SHORT))
def test_law_shares_of_a_text_are_texts_of_their_parts(first: str, second: str, text: str) -> None:
    parts = (java(first), construction.literal("-"), java(second))
    found = images.shares(parts, text)
    assert (found is None) == (not construction.concatenation(*parts).accepts(text))
    if found is not None:
        assert "".join(found) == text
        assert all(part.accepts(share) for part, share in zip(parts, found, strict=True))


@given(patterns(), patterns())
def test_law_a_text_outside_is_a_shortest_one(first: str, second: str) -> None:
    mine, its = java(first), java(second)
    found = sets.outside(mine, its)
    missed = of(mine) - of(its)
    if found is None:
        assert not missed
    else:
        assert mine.accepts(found) and not its.accepts(found)
        assert not missed or len(found) <= min(map(len, missed))


@given(patterns(), st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4)))
def test_law_lengths_bound_the_texts(pattern: str, least: int, most: int | None) -> None:
    found = java(pattern)
    kept = sets.within(found, least, most)
    assert of(kept) == {text for text in of(found) if least <= len(text) and (most is None or len(text) <= most)}
    assume(search.shortest(found) is not None)
    lower, upper = search.lengths(found)
    assert all(lower <= len(text) and (upper is None or len(text) <= upper) for text in of(found))
    assert upper is None or search.shortest(sets.within(found, upper, upper)) is not None


@given(patterns(), st.sampled_from(["_", "ab", "-"]))
def test_law_replacing_is_that_of_texts(pattern: str, by: str) -> None:
    found = images.replaced(java(pattern), "-", by)
    assert all(found.accepts(text.replace("-", by)) for text in of(java(pattern)))
    made = {text.replace("-", by) for text in of(java(pattern))}
    assert {text for text in of(found) if len(text) <= 2} <= made


@given(patterns(), st.integers(0, 3))
def test_law_pieces_are_those_of_texts(pattern: str, index: int) -> None:
    found = images.piece(java(pattern), "-", index)
    cut = [text.split("-") for text in of(java(pattern))]
    assert all(found.accepts(parts[index]) for parts in cut if len(parts) > index)
    text = search.shortest(found)
    assert text is None or "-" not in text


@given(patterns(), st.integers(1, 6))
def test_law_some_texts_are_different_ones_and_short(pattern: str, count: int) -> None:
    found = search.some(java(pattern), count)
    assert len(set(found)) == len(found) <= count
    assert all(java(pattern).accepts(text) for text in found)
    assert len(found) == count or of(java(pattern)) <= set(found)


@given(st.lists(st.sampled_from(SHORT), max_size=6))
def test_law_an_automaton_of_texts_holds_just_them(texts: list[str]) -> None:
    assert of(construction.texts(texts)) == set(texts)
