"""What a template accepts before anything is created."""

import json

import pytest

from stackproof.evaluation.acceptance import accepted, accepts, neighbours, refusal, with_parameters
from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.document import Document
from stackproof.template import loader
from stackproof.template.parameters import declarations

HERE = Scenario("one", "source", "us-east-1", "111111111111", "s", {"Cidr": "10.0.0.0/16"})
PATTERN = r"10\.[0-9]{1,3}\.0\.0/1[68]"


@pytest.fixture
def document() -> Document:
    home = {"Assert": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, "AssertDescription": "stay at home"}
    whole = {
        "Parameters": {"Cidr": {"Type": "String", "AllowedPattern": PATTERN, "MaxLength": 12}},
        "Rules": {"Home": {"Assertions": [home]}},
        "Resources": {"V": {"Type": "AWS::EC2::VPC"}},
    }
    return loader.parse(json.dumps(whole), "t.json")


def test_a_scenario_that_rules_allow_is_not_refused(document: Document) -> None:
    assert refusal(document, HERE) == ""


def test_a_scenario_that_rules_forbid_is_refused_in_their_words(document: Document) -> None:
    away = Scenario("one", "source", "eu-west-1", "111111111111", "s", HERE.parameters)
    assert "stay at home" in refusal(document, away)


def test_a_value_that_the_pattern_forbids_is_refused(document: Document) -> None:
    assert "must match pattern" in refusal(document, with_parameters(HERE, {"Cidr": "192.0.2.0/24"}))


@pytest.mark.parametrize(("value", "fits"), [("10.1.0.0/16", True), ("10.1.0.0/17", False), ("10.100.0.0/16", False)])
def test_a_parameter_accepts_what_fits_its_pattern_and_its_length(document: Document, value: str, fits: bool) -> None:
    assert accepts(declarations(document)["Cidr"], value) is fits


def test_what_is_near_a_block_holds_larger_smaller_and_impossible_ones() -> None:
    assert {"10.0.0.0/16", "10.0.0.0/8", "10.7.0.0/16", "10.0.0.0/24", "10.256.0.0/16"} <= set(
        neighbours("10.0.0.0/16")
    )


def test_what_a_parameter_accepts_is_parted_into_blocks_and_others(document: Document) -> None:
    others, blocks = accepted(declarations(document)["Cidr"], ("10.0.0.0/16",))
    assert "10.00.0.0/16" in others
    assert {str(block) for block in blocks} >= {"10.0.0.0/16", "10.0.0.0/18", "10.99.0.0/16"}


def test_every_allowed_value_is_among_what_is_accepted() -> None:
    listed = {"Type": "String", "AllowedValues": ["192.0.2.0/24", "none"]}
    document = loader.parse(
        json.dumps({"Parameters": {"C": listed}, "Resources": {"V": {"Type": "T::T::T"}}}), "t.json"
    )
    others, blocks = accepted(declarations(document)["C"], ("10.0.0.0/16",))
    assert (others, [str(block) for block in blocks]) == (("none",), ["192.0.2.0/24"])
