"""What is left of a function that is not known to its end; the documented cases have the rest."""

from typing import Any

import pytest
from worlds import BUCKET, scenario, world

from stackproof.evaluation.stack import fold

RESOURCES = {"B": BUCKET, "Own": {"Type": "Custom::Own"}}
LEFT = [
    {"Fn::Join": ["-", ["a", {"Ref": "B"}]]},
    {"Fn::Join": ["-", {"Fn::GetAtt": ["Own", "List"]}]},
    {"Fn::Split": ["-", {"Ref": "B"}]},
    {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "B"}]}]},
    {"Fn::Base64": {"Ref": "B"}},
    {"Fn::Cidr": [{"Ref": "B"}, 1, 8]},
    {"Fn::Cidr": ["10.0.0.0/8", {"Ref": "B"}, 8]},
    {"Fn::Sub": "a-${B}-${B.Arn}"},
    {"Fn::Sub": ["${V}", {"V": {"Fn::Base64": {"Ref": "B"}}}]},
    {"Fn::GetAZs": {"Ref": "B"}},
]


@pytest.mark.parametrize("value", LEFT, ids=str)
def test_a_function_of_a_resource_is_left_as_it_is(value: Any) -> None:
    assert fold(world(value, Resources=RESOURCES), scenario()).resources["It"]["Properties"]["It"] == value


def test_of_the_variables_of_a_sub_only_the_unknown_are_left() -> None:
    value = {"Fn::Sub": ["${V}${W}${!x}", {"V": {"Ref": "B"}, "W": "w"}]}
    left = fold(world(value, Resources={"B": BUCKET}), scenario()).resources["It"]["Properties"]["It"]
    assert left == {"Fn::Join": ["", [{"Ref": "B"}, "w", "${x}"]]}
