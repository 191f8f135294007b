"""A template worked out for one scenario: what is kept, what is where."""

from typing import Any

import pytest
from worlds import BUCKET, document, scenario, world

from stackproof.evaluation.stack import fold, resolve, static_nodes
from stackproof.foundation.finding import CannotTell, Path

CONDITIONS = {"Yes": {"Fn::Equals": ["a", "a"]}, "No": {"Fn::Equals": ["a", "b"]}}
NOTHING = {"Ref": "AWS::NoValue"}
VALUE = {
    "Chosen": {"Fn::If": ["Yes", {"A": ["x"]}, {"B": 1}]},
    "Twice": {"Fn::If": ["No", 1, {"Fn::If": ["Yes", [2], 3]}]},
    "List": [{"Fn::If": ["No", "a", NOTHING]}, "b", NOTHING, {"C": {"Fn::If": ["Yes", "d", "e"]}}],
    "Made": {"Fn::Split": [",", "a,b"]},
    "Whole": {"Fn::If": ["Yes", ["p", NOTHING, "q"], []]},
}
TEMPLATE = world(VALUE, Conditions=CONDITIONS)
HERE = ("Resources", "It", "Properties", "It")


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ((), ()),
        (("Chosen",), ("Chosen", "Fn::If", 1)),
        (("Chosen", "A", 0), ("Chosen", "Fn::If", 1, "A", 0)),
        (("Twice", 0), ("Twice", "Fn::If", 2, "Fn::If", 1, 0)),
        (("List", 0), ("List", 1)),
        (("List", 1, "C"), ("List", 3, "C", "Fn::If", 1)),
        (("Made", 1), ("Made",)),
        (("Whole", 1), ("Whole", "Fn::If", 1, 2)),
    ],
    ids=str,
)
def test_a_value_comes_from_where_it_is_written(path: Path, origin: Path) -> None:
    assert fold(TEMPLATE, scenario()).origin((*HERE, *path)) == (*HERE, *origin)


@pytest.mark.parametrize(
    ("path", "ancestor"),
    [
        (("Nowhere",), ()),
        (("List", 2), ("List",)),
        (("List", 9), ("List",)),
        (("List", "x"), ("List",)),
        (("Chosen", "A", 0, "y"), ("Chosen", "Fn::If", 1, "A", 0)),
        (("Made", "Fn::Split"), ("Made",)),
    ],
    ids=str,
)
def test_what_is_not_there_comes_from_its_nearest_ancestor(path: Path, ancestor: Path) -> None:
    assert fold(TEMPLATE, scenario()).origin((*HERE, *path)) == (*HERE, *ancestor)


def test_a_finding_stands_in_the_template() -> None:
    finding = fold(TEMPLATE, scenario()).finding((*HERE, "List", 0), "it is b", "write a")
    assert (finding.message, finding.fix, finding.scenario, finding.side) == ("it is b", "write a", "test", "source")
    assert finding.rule == ""
    assert TEMPLATE.text.splitlines()[finding.place.line - 1].strip() == '"b",'


def test_resources_are_given_by_type() -> None:
    stack = fold(
        document({"Resources": {"A": BUCKET, "Z": {"Type": "Z"}, "B": {"Type": "T", "Properties": {"x": 1}}}}),
        scenario(),
    )
    assert list(stack.of_type("T", "AWS::S3::Bucket")) == [("A", {}), ("B", {"x": 1})]


def test_a_stack_keeps_what_is_left_of_a_template() -> None:
    sections: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "d",
        "Metadata": {"AWS::CloudFormation::Interface": {}, "Other": 1},
        "Parameters": {"P": {"Type": "String", "Default": "a"}},
        "Mappings": {"M": {"a": {"b": "c"}}},
        "Conditions": CONDITIONS,
        "Resources": {"A": {**BUCKET, "Condition": "Yes"}, "B": {**BUCKET, "Condition": "No"}},
    }
    assert fold(document(sections), scenario()).value == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "d",
        "Metadata": {"Other": 1},
        "Resources": {"A": BUCKET},
    }


def test_the_sides_that_were_taken_are_noted() -> None:
    template = world({"Fn::If": ["Yes", 1, 2]}, Conditions=CONDITIONS)
    node = template.value["Resources"]["It"]["Properties"]["It"]
    assert fold(template, scenario()).taken == {(id(node), True)}


def test_a_whole_property_that_is_left_out_leaves_a_resource_without() -> None:
    template = document({"Resources": {"A": {**BUCKET, "Metadata": NOTHING}}})
    assert resolve(template, scenario()).resources["A"] == BUCKET


def test_a_chain_that_is_too_long_is_refused() -> None:
    chain = {f"C{n}": {"Condition": f"C{n + 1}"} for n in range(2000)} | {"C2000": {"Fn::Equals": ["a", "a"]}}
    with pytest.raises(CannotTell, match="nested too deeply to be worked out"):
        fold(world("a", Conditions=chain), scenario())


def test_static_parts_are_known_by_their_id() -> None:
    template = world({"a": [1]})
    assert id(template.value["Resources"]["It"]["Properties"]["It"]["a"]) in static_nodes(template)
