"""What only AWS can decide is noted where it stands, and everything else is worked out."""

from dataclasses import replace
from typing import Any

import pytest
from worlds import document, scenario

from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.stack import Stack, fold, resolve
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.placeholders import is_unknown

STORED = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stage"}
LISTED = {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/regions"}
VPC = {"Type": "AWS::EC2::VPC::Id", "Default": "vpc-11111111"}
TOPIC = {"Type": "AWS::SNS::Topic"}
PROD = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


def template(**sections: Any) -> Any:
    resources = {"Always": TOPIC, "Maybe": {**TOPIC, "Condition": "Prod"}, **sections.pop("Resources", {})}
    conditions = {"Prod": PROD, **sections.pop("Conditions", {})}
    declared = {"Stage": STORED, "Regions": LISTED, "Vpc": VPC}
    return document({"Parameters": declared, "Conditions": conditions, "Resources": resources, **sections})


def stating(**stored: str) -> Scenario:
    return replace(scenario(), stored={f"/{name}": value for name, value in stored.items()})


def of_properties(value: Any, work: Any = resolve, chosen: Scenario | None = None) -> Any:
    read = template(Resources={"It": {**TOPIC, "Properties": {"It": value}}})
    return work(read, chosen or scenario()).resources["It"]["Properties"]["It"]


TRUTHS: dict[str, tuple[Any, bool | None]] = {
    "a comparison with it": (PROD, None),
    "it compared with itself": ({"Fn::Equals": [{"Ref": "Stage"}, {"Ref": "Stage"}]}, True),
    "a list of it joined": ({"Fn::Equals": [{"Fn::Join": [",", {"Ref": "Regions"}]}, "NONE"]}, None),
    "a part of it": ({"Fn::Equals": [{"Fn::Sub": "x-${Stage}"}, "x-prod"]}, None),
    "its opposite": ({"Fn::Not": [PROD]}, None),
    "with what is false": ({"Fn::And": [PROD, {"Fn::Equals": ["a", "b"]}]}, False),
    "with what is true": ({"Fn::And": [PROD, {"Fn::Equals": ["a", "a"]}]}, None),
    "or what is true": ({"Fn::Or": [PROD, {"Fn::Equals": ["a", "a"]}]}, True),
    "or what is false": ({"Fn::Or": [PROD, {"Fn::Equals": ["a", "b"]}]}, None),
    "by name": ({"Condition": "Prod"}, None),
}


@pytest.mark.parametrize(("condition", "holds"), TRUTHS.values(), ids=TRUTHS)
def test_a_condition_is_decided_as_far_as_is_known(condition: Any, holds: bool | None) -> None:
    stack = resolve(template(Conditions={"It": condition}), scenario())
    assert stack.conditions["It"] is holds
    assert any("condition It of" in note.message for note in stack.notes) == (holds is None)


def test_a_note_stands_at_the_condition_and_says_how_to_state_the_value() -> None:
    read = template()
    (note,) = resolve(read, scenario()).notes
    assert note.place == read.place(("Conditions", "Prod"))
    assert "state the stored value under ssm:" in note.fix


def test_a_resource_under_such_a_condition_is_kept_and_named() -> None:
    stack = resolve(template(), scenario())
    assert {*stack.resources} == {"Always", "Maybe"}
    assert stack.maybe == {"Maybe"}


@pytest.mark.parametrize(("value", "there"), [("prod", {"Always", "Maybe"}), ("test", {"Always"})])
def test_a_stated_value_decides(value: str, there: set[str]) -> None:
    stack = resolve(template(), stating(stage=value))
    assert ({*stack.resources}, stack.notes, stack.maybe) == (there, (), frozenset())


def test_a_stated_list_is_a_list() -> None:
    assert of_properties({"Fn::Select": [1, {"Ref": "Regions"}]}, chosen=stating(regions="a, b")) == "b"


CHOSEN: dict[str, tuple[Any, Any]] = {
    "alike": ({"Fn::If": ["Prod", "a", "a"]}, "a"),
    "mappings": ({"Fn::If": ["Prod", {"A": "a", "B": "b"}, {"A": "a"}]}, {"A": "a"}),
}


@pytest.mark.parametrize(("value", "known"), CHOSEN.values(), ids=CHOSEN)
def test_what_both_sides_have_in_common_is_known(value: Any, known: Any) -> None:
    found = of_properties(value)
    assert found == known or {key: found[key] for key in known} == known


def test_what_the_sides_differ_in_is_a_placeholder_of_its_own() -> None:
    item, other = of_properties([{"Fn::If": ["Prod", "a", "b"]}, {"Fn::If": ["Prod", "c", "d"]}])
    assert is_unknown(item) and is_unknown(other) and item != other


def test_a_property_that_may_be_left_out_is_a_placeholder() -> None:
    assert is_unknown(of_properties({"Fn::If": ["Prod", "a", {"Ref": "AWS::NoValue"}]}))


def test_a_fold_keeps_the_choice_and_what_its_condition_is_made_of() -> None:
    choice = {"Fn::If": ["Prod", "a", {"Ref": "AWS::NoValue"}]}
    outputs = {"O": {"Value": {"Ref": "Maybe"}, "Condition": "Prod"}}
    read = template(Resources={"It": {**TOPIC, "Properties": {"It": choice}}}, Outputs=outputs)
    value = fold(read, scenario()).value
    assert value["Resources"]["It"]["Properties"]["It"] == choice
    assert value["Resources"]["Maybe"]["Condition"] == value["Outputs"]["O"]["Condition"] == "Prod"
    assert (value["Conditions"], value["Parameters"]) == ({"Prod": PROD}, {"Stage": STORED})


def test_the_place_of_what_is_undecided_is_its_function() -> None:
    read = template(Resources={"It": {**TOPIC, "Properties": {"Fn::If": ["Prod", {"A": "a"}, {"A": "b"}]}}})
    stack = resolve(read, scenario())
    assert stack.origin(("Resources", "It", "Properties", "A")) == ("Resources", "It", "Properties")


def ruled(assertion: Any, **rule: Any) -> Stack:
    return resolve(template(Rules={"R": {"Assertions": [{"Assert": assertion}], **rule}}), scenario())


ASSERTIONS: dict[str, tuple[Any, bool]] = {
    "a bootstrap version": ({"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "Stage"}]}]}, True),
    "a list of what only AWS knows": ({"Fn::EachMemberIn": [{"Ref": "Regions"}, ["a"]]}, True),
    "an attribute": ({"Fn::EachMemberEquals": [{"Fn::ValueOf": ["Vpc", "Tags.a"]}, "x"]}, True),
    "attributes": ({"Fn::EachMemberIn": [{"Fn::ValueOfAll": ["AWS::EC2::VPC::Id", "Tags.a"]}, ["x"]]}, True),
    "attributes of nothing": ({"Fn::EachMemberIn": [{"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "A"]}, ["x"]]}, False),
    "among them for certain": ({"Fn::Contains": [["prod", {"Ref": "Stage"}], "prod"]}, False),
}


@pytest.mark.parametrize(("assertion", "noted"), ASSERTIONS.values(), ids=ASSERTIONS)
def test_an_assertion_that_only_aws_can_decide_refuses_nothing(assertion: Any, noted: bool) -> None:
    assert any("assertion of rule R" in note.message for note in ruled(assertion).notes) == noted


def test_an_assertion_that_is_false_refuses_whatever_else_is_unknown() -> None:
    with pytest.raises(CannotTell, match="rule R refuses"):
        ruled({"Fn::And": [PROD, {"Fn::Equals": ["a", "b"]}]})


def test_a_false_assertion_of_a_rule_that_may_not_apply_is_noted() -> None:
    notes = ruled({"Fn::Equals": ["a", "b"]}, RuleCondition=PROD).notes
    assert any("assertion of rule R" in note.message for note in notes)
