"""The combinations of conditions that a stack can have, against every value tried one by one."""

from itertools import product as every
from typing import Any

import pytest
from worlds import document, pairs, product

from stackproof.automata.automaton import Undecided
from stackproof.aws.regions import partition_of
from stackproof.evaluation.acceptance import refusal
from stackproof.evaluation.conditions import Conditions
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.scope import scope
from stackproof.foundation.document import Document
from stackproof.proof import reachable
from stackproof.proof.branches import impossible, reaching
from stackproof.proof.covering import covering, pairs_of, preferred, reached
from stackproof.proof.reachable import combinations_of
from stackproof.proof.statements import statements

AWS = partition_of("us-east-1")
OTHERS = {"PeerVpcId": "vpc-01234567", "PeeringConnectionId": "pcx-01234567", "DestinationAccountId": "222222222222"}
OTHERS |= {
    "HostedZoneId": "Z01",
    "HostedZoneName": "a.b",
    "DestinationBucketName": "bucket",
    "NotificationEmail": "a@b.cd",
}
TRIPLES = [("us-east-1", "eu-central-1"), ("us-east-1", "eu-central-2"), ("me-central-1", "us-east-1")]
TRIPLES += [("me-central-1", "eu-central-2")]


def outcomes(template: Document, scenario: Scenario) -> tuple[tuple[str, bool], ...] | None:
    if refusal(template, scenario):
        return None
    return tuple((name, bool(holds)) for name, holds in Conditions(scope(template, scenario)).all().items())


def tried(template: Document) -> set[tuple[tuple[str, bool], ...] | None]:
    """Return the combinations that the repository's template has, by trying each class of values of each parameter."""
    declared = template.value["Parameters"]
    choices: dict[str, list[str]] = {}
    for name, declaration in declared.items():
        if "AllowedValues" in declaration and name != "ShardCount":
            choices[name] = [str(value) for value in declaration["AllowedValues"]]
        elif declaration.get("Default") == "":
            choices[name] = ["", OTHERS[name]]
    found = set()
    for source, target in TRIPLES:
        fixed = {"EnvironmentSuffix": "dev", "SourceRegion": source, "TargetRegion": target}
        for region in (source, target):
            for values in every(*choices.values()):
                parameters = {**fixed, **dict(zip(choices, values, strict=True))}
                found.add(outcomes(template, Scenario("t", "source", region, "1" * 12, "stack", parameters)))
    return found - {None}


def test_the_combinations_of_the_template_are_those_that_trying_finds() -> None:
    found = combinations_of(product(), AWS)
    assert {item.outcomes for item in found} == tried(product())
    assert len({item.outcomes for item in found}) == len(found)


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_the_parameters_of_a_combination_reach_it(region: str) -> None:
    for item in reached(product(), partition_of(region), preferred(pairs()))[::7]:
        scenario = Scenario("t", "source", item.region, "1" * 12, "stack", dict(item.parameters))
        assert outcomes(product(), scenario) == item.outcomes


def test_no_condition_and_no_side_of_the_template_is_impossible() -> None:
    assert impossible(product(), AWS) == ()


def test_a_covering_set_has_each_two_outcomes_that_go_together() -> None:
    found = reached(product(), AWS, preferred(pairs()))
    chosen = covering(found)
    assert len(chosen) < len(found) / 4
    assert _twos(found) == _twos(chosen)


def _twos(found: Any) -> set[Any]:
    return {(outcome, other) for each in found for outcome in each.outcomes for other in each.outcomes}


def test_pairs_of_combinations_have_the_regions_that_the_parameters_name() -> None:
    for item, pair in pairs_of(product(), pairs()[0], reached(product(), AWS, preferred(pairs()))[:20]):
        parameters = {"SourceRegion": "us-east-1", "TargetRegion": "eu-central-1", **dict(item.parameters)}
        assert (pair.source.region, pair.target.region) == (parameters["SourceRegion"], parameters["TargetRegion"])
        assert item.region in (pair.source.region, pair.target.region)


def small(conditions: dict[str, Any], parameters: dict[str, Any], **more: Any) -> Document:
    resources = {"It": {"Type": "AWS::SNS::Topic"}}
    return document({"Parameters": parameters, "Conditions": conditions, "Resources": resources, **more})


def equal(first: Any, second: Any) -> dict[str, Any]:
    return {"Fn::Equals": [first, second]}


TEXT = {"P": {"Type": "String", "AllowedPattern": "[a-z]{1,3}-?[a-z]{0,3}"}}
REF = {"Ref": "P"}


@pytest.mark.parametrize(
    ("condition", "sides"),
    [
        (equal(REF, "abc"), 2),
        (equal(REF, "ABC"), 1),
        (equal("abc", "abc"), 1),
        (equal({"Fn::Sub": "x-${P}"}, "x-abc"), 2),
        (equal({"Fn::Sub": "x-${P}"}, "y-abc"), 1),
        (equal({"Fn::Join": ["-", [REF, REF]]}, "a-a"), 2),
        (equal({"Fn::Join": ["-", [REF, REF]]}, "a-b"), 1),
        (equal({"Fn::Select": [0, {"Fn::Split": ["-", REF]}]}, "abc"), 2),
        (equal({"Fn::Select": [0, {"Fn::Split": ["-", REF]}]}, "abcdefg"), 1),
        (equal({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}, "yes"), 2),
        (equal({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "k"]}, "no"), 1),
        (equal({"Ref": "AWS::Region"}, "us-east-1"), 2),
        (equal({"Ref": "AWS::Region"}, "cn-north-1"), 1),
        (equal({"Ref": "AWS::Partition"}, "aws"), 1),
        (equal(REF, {"Ref": "AWS::Region"}), 1),
        (equal(REF, {"Ref": "AWS::StackName"}), 2),
        ({"Fn::And": [equal(REF, "a"), equal(REF, "b")]}, 1),
        ({"Fn::Or": [equal(REF, "a"), {"Fn::Not": [equal(REF, "a")]}]}, 1),
    ],
)
def test_a_condition_has_the_outcomes_that_values_give_it(condition: Any, sides: int) -> None:
    mappings = {"M": {"us-east-1": {"k": "yes"}, **{region: {"k": "other"} for region in AWS.regions - {"us-east-1"}}}}
    template = small({"C": condition}, TEXT, Mappings=mappings)
    assert len(combinations_of(template, AWS)) == sides


def test_rules_leave_combinations_out() -> None:
    conditions = {"A": equal(REF, "a"), "B": equal(REF, "b")}
    rule = {"R": {"Assertions": [{"Assert": {"Fn::Contains": [["a", "c"], REF]}}]}}
    found = {combination.outcomes for combination in combinations_of(small(conditions, TEXT, Rules=rule), AWS)}
    assert found == {(("A", True), ("B", False)), (("A", False), ("B", False))}


def test_a_rule_that_only_holds_where_its_condition_does_leaves_the_rest() -> None:
    conditions = {"A": equal(REF, "a"), "B": equal(REF, "b")}
    asked = {"RuleCondition": equal({"Ref": "AWS::Region"}, "us-east-1")}
    rule = {"R": {**asked, "Assertions": [{"Assert": {"Fn::Not": [equal(REF, "a")]}}]}}
    template = small({**conditions, "U": equal({"Ref": "AWS::Region"}, "us-east-1")}, TEXT, Rules=rule)
    found = {tuple(outcome for _, outcome in combination.outcomes) for combination in combinations_of(template, AWS)}
    assert found == {
        (False, False, True),
        (False, True, True),
        (True, False, False),
        (False, True, False),
        (False,) * 3,
    }


def test_a_condition_that_cannot_be_read_may_come_out_either_way_and_is_named() -> None:
    template = small({"C": equal({"Ref": "P"}, "x")}, {"P": {"Type": "AWS::SSM::Parameter::Value<String>"}})
    assert len(combinations_of(template, AWS)) == 2
    assert statements(template, AWS).undecided == ["Fn::Equals: P"]


def test_more_combinations_than_can_be_listed_are_undecided_and_each_can_still_be_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reachable, "LIMIT", 1000)
    parameters = {f"P{n}": {"Type": "String", "AllowedValues": ["a", "b"]} for n in range(12)}
    conditions = {f"C{n}": equal({"Ref": f"P{n}"}, "a") for n in range(12)}
    template = small(conditions, parameters)
    with pytest.raises(Undecided, match="more than 1,000 combinations"):
        combinations_of(template, AWS)
    assert reaching(template, AWS, tuple((f"C{n}", n % 2 == 0) for n in range(12))) is not None
