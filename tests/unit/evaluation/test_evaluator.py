"""The walk itself; the documented cases have the functions."""

from typing import Any

import pytest
from worlds import scenario, world

from stackproof.evaluation.evaluator import is_function
from stackproof.evaluation.stack import fold
from stackproof.foundation.finding import CannotTell


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, True),
        ({"Fn::Sub": "a"}, True),
        ({"Ref": "A", "B": 1}, False),
        ({"Reference": "A"}, False),
        ({}, False),
        ("Ref", False),
    ],
    ids=str,
)
def test_a_function_is_a_mapping_of_its_name_alone(value: Any, expected: bool) -> None:
    assert is_function(value) is expected


def test_what_holds_no_function_is_shared_with_the_template() -> None:
    template = world({"a": {"b": 1}, "c": {"Ref": "AWS::Region"}})
    before = template.value["Resources"]["It"]["Properties"]["It"]
    after = fold(template, scenario()).resources["It"]["Properties"]["It"]
    assert after["a"] is before["a"]
    assert after is not before


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(CannotTell) as error:
        fold(world({"Fn::Sub": "${AWS::NoValue}"}), scenario())
    assert error.value.fix == "give it one text"
