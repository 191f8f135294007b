"""What is created before what."""

from itertools import pairwise

import pytest
from worlds import BUCKET, document, scenario

from stackproof.evaluation.stack import fold
from stackproof.foundation import ordering

DIAMOND = {"A": {"B", "C"}, "B": {"D"}, "C": {"D"}, "D": set()}


def test_what_needs_nothing_comes_first() -> None:
    assert ordering.batches(DIAMOND) == (("D",), ("B", "C"), ("A",))


def test_a_batch_is_in_alphabetical_order() -> None:
    assert ordering.batches({"B": set(), "A": set()}) == (("A", "B"),)


def test_nothing_has_no_batches() -> None:
    assert ordering.batches({}) == ()


@pytest.mark.parametrize("dependencies", [{"A": {"A"}}, {"A": {"B"}, "B": {"C"}, "C": {"A"}}], ids=str)
def test_a_circle_is_found_and_ends_where_it_begins(dependencies: dict[str, set[str]]) -> None:
    circle = ordering.circle(dependencies)
    assert circle[0] == circle[-1]
    assert all(second in dependencies[first] for first, second in pairwise(circle))


def test_a_long_chain_is_no_circle() -> None:
    assert ordering.circle({str(number): {str(number + 1)} for number in range(100)} | {"100": set()}) == ()


def test_a_circle_behind_a_long_chain_is_found() -> None:
    chain = {str(number): {str(number + 1)} for number in range(100)}
    assert ordering.circle({**chain, "100": {"100"}}) == ("100", "100")


def test_there_is_no_circle_in_a_diamond() -> None:
    assert ordering.circle(DIAMOND) == ()


def test_a_stack_knows_what_its_resources_depend_on() -> None:
    resources = {
        "A": {**BUCKET, "Properties": {"X": {"Fn::Sub": "${B.Arn}"}}, "DependsOn": ["C"]},
        "B": {**BUCKET, "Metadata": {"X": {"Ref": "C"}}},
        "C": BUCKET,
    }
    outputs = {"O": {"Value": {"Ref": "A"}}}
    assert fold(document({"Resources": resources, "Outputs": outputs}), scenario()).depends == {
        "A": {"B", "C"},
        "B": {"C"},
        "C": frozenset(),
    }
