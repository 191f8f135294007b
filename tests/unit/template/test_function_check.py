"""What is noted of a template's functions before any is worked out."""

import pytest
from worlds import world

from stackproof.foundation.finding import CannotTell
from stackproof.template.function_check import DEEPEST
from stackproof.template.section_check import functions

ABOVE = 4
"""Levels above a value of a property."""


def test_what_holds_no_function_is_noted_with_all_above_it() -> None:
    template = world({"a": {"b": [1]}, "c": {"Ref": "AWS::Region"}})
    it = template.value["Resources"]["It"]["Properties"]["It"]
    static = functions(template).static
    assert [id(node) in static for node in (it, it["a"], it["a"]["b"], it["c"])] == [False, True, True, False]


def test_what_calls_a_function_is_noted_with_its_name() -> None:
    template = world([{"Ref": "AWS::Region"}, {"Ref": "AWS::Region", "Other": 1}, {"Condition": "C"}])
    it = template.value["Resources"]["It"]["Properties"]["It"]
    assert [functions(template).calls.get(id(node)) for node in it] == ["Ref", None, None]


def test_where_functions_are_held_is_noted_of_all_that_holds_any() -> None:
    template = world({"a": [1, {"Ref": "AWS::Region"}], "b": 2})
    it = template.value["Resources"]["It"]["Properties"]["It"]
    assert [functions(template).held.get(id(node)) for node in (it, it["a"], it["a"][1])] == [["a"], [1], None]


def test_a_template_is_read_once() -> None:
    template = world("a")
    assert functions(template) is functions(template)


def nested(depth: int) -> object:
    value: object = "a"
    for _ in range(depth):
        value = [value]
    return value


def test_a_hundred_levels_are_read() -> None:
    assert functions(world(nested(DEEPEST - ABOVE))).calls == {}


def test_a_level_more_is_refused() -> None:
    with pytest.raises(CannotTell, match="the template is nested too deeply"):
        functions(world(nested(DEEPEST - ABOVE + 1)))


def test_a_refusal_stands_at_the_function() -> None:
    with pytest.raises(CannotTell) as error:
        functions(world(["a", {"Fn::Join": [",", {"Fn::Fnord": 1}]}]))
    assert error.value.place is not None
    assert error.value.place[1:] == (11, 15)


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ({"Fn::Select": [{"Fn::GetAtt": ["It", "Arn"]}, ["a"]]}, "write Fn::FindInMap, Ref"),
        ({"Fn::Join": ["a"]}, "write the delimiter, the list"),
    ],
)
def test_a_refusal_says_what_may_stand_there_and_which_arguments_there_are(value: object, fix: str) -> None:
    with pytest.raises(CannotTell) as error:
        functions(world(value))
    assert error.value.fix == fix
