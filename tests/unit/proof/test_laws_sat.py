"""Laws: the solver says what trying every class says, and beyond the limit the same comes out as below it."""

import sys
from itertools import product as every
from typing import Any

import pytest
from hypothesis import given as law
from hypothesis import strategies as st
from worlds import document, product

from stackproof.automata.automaton import Undecided
from stackproof.aws.regions import partition_of
from stackproof.foundation.document import Document
from stackproof.proof import reachable
from stackproof.proof.branches import reaching
from stackproof.proof.covering import covering, reached
from stackproof.proof.logic import all_of, any_of, negation, with_truths
from stackproof.proof.reachable import TooMany, combinations_of, possible, satisfy, space
from stackproof.proof.sat import chosen

AWS = partition_of("us-east-1")
ATOMS = (2, 3, 4, 5)
STATEMENTS = st.recursive(
    st.sampled_from([True, False, *ATOMS]),
    lambda inner: st.one_of(
        inner.map(negation), st.lists(inner, max_size=3).map(all_of), st.lists(inner, max_size=3).map(any_of)
    ),
    max_leaves=10,
)
GROUPS = st.tuples(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4, unique=True),
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4, unique=True),
).map(lambda both: [[dict(zip(ATOMS[:2], side, strict=True)) for side in both[0]],
                    [dict(zip(ATOMS[2:], side, strict=True)) for side in both[1]]])  # fmt: skip


@law(GROUPS, STATEMENTS)
def test_law_the_solver_says_what_trying_says(groups: list[list[dict[int, bool]]], statement: Any) -> None:
    ways = [{**item, **other} for item, other in every(*groups)]
    found = chosen(groups, statement)
    assert (found is not None) == any(with_truths(statement, truths, {}) is True for truths in ways)
    if found is not None:
        truths = {
            atom: truth for group, index in zip(groups, found, strict=True) for atom, truth in group[index].items()
        }
        assert with_truths(statement, truths, {}) is True


def test_beyond_the_limit_the_solver_reaches_each_combination(monkeypatch: pytest.MonkeyPatch) -> None:
    every_one = combinations_of(product(), AWS)
    whole = space(product(), AWS)
    monkeypatch.setattr(reachable, "LIMIT", 0)
    for item in every_one[::20]:
        outcomes = dict(item.outcomes)
        found = satisfy(whole, possible(whole, outcomes))
        assert found is not None
        assert dict(reachable.outcomes_of(whole, dict(found))) == outcomes


def test_beyond_the_limit_what_is_impossible_is_so(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = space(product(), AWS)
    monkeypatch.setattr(reachable, "LIMIT", 0)
    assert satisfy(whole, possible(whole, {"IsSourceRegion": True, "IsTargetRegion": True})) is None


def many(count: int) -> Document:
    parameters = {f"P{n}": {"Type": "String", "AllowedValues": ["a", "b"]} for n in range(count)}
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]} for n in range(count)}
    return document(
        {"Parameters": parameters, "Conditions": conditions, "Resources": {"It": {"Type": "AWS::SNS::Topic"}}}
    )


def test_too_many_combinations_are_covered_two_by_two() -> None:
    template = many(16)
    with pytest.raises(TooMany):
        combinations_of(template, AWS)
    found = reached(template, AWS)
    twos = {
        (outcome, other)
        for each in found
        for outcome in each.outcomes
        for other in each.outcomes
        if outcome[0] != other[0]
    }
    assert (len(covering(found)) < 24, len(twos)) == (True, 16 * 15 * 4)


def test_without_the_solver_a_question_beyond_the_limit_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    template = many(3)
    space(template, AWS)
    monkeypatch.setattr(reachable, "LIMIT", 0)
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    with pytest.raises(Undecided, match="python-sat is not installed"):
        reaching(template, AWS, (("C1", True),))
