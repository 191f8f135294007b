"""Which sides no scenario takes."""

from typing import Any

from worlds import scenario, world

from stackproof.evaluation.stack import fold
from stackproof.foundation.document import Document
from stackproof.gate.branch_coverage import measure

CONDITIONS = {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}


def untaken(template: Document, *regions: str) -> list[str]:
    found = measure(template, [fold(template, scenario(region)) for region in regions])
    return [finding.message for finding in found.untaken]


def chosen(*values: Any) -> Document:
    return world([{"Fn::If": ["Here", 1, value]} for value in values], Conditions=CONDITIONS)


def test_both_sides_taken_leave_nothing() -> None:
    assert untaken(chosen(2), "us-east-1", "eu-central-1") == []


def test_a_side_that_no_scenario_takes_is_said() -> None:
    assert untaken(chosen(2), "us-east-1") == [
        "in no scenario is condition Here false",
        "no scenario takes the false side of Fn::If Here",
    ]


def test_without_scenarios_all_sides_are_said() -> None:
    assert len(untaken(chosen(2))) == 4


def test_a_choice_inside_a_side_that_is_not_taken_is_not_taken_either() -> None:
    nested = {"Fn::If": ["Here", 3, 4]}
    assert untaken(chosen(nested), "us-east-1", "eu-central-1") == ["no scenario takes the true side of Fn::If Here"]


def test_every_side_is_counted() -> None:
    template = chosen(2, {"Fn::If": ["Here", 3, 4]})
    assert measure(template, []).sides == 2 + 2 * 3


def test_a_finding_stands_at_the_side() -> None:
    template = chosen(2)
    condition, side = measure(template, [fold(template, scenario("us-east-1"))]).untaken
    assert (condition.at, side.at[-2:]) == (("Conditions", "Here"), ("Fn::If", 2))
    assert (side.place, side.scenario, side.side) == (template.place(side.at), "", "both")


def test_the_true_side_has_its_place_too() -> None:
    (_, side) = measure(chosen(2), [fold(chosen(2), scenario("eu-central-1"))]).untaken[:2]
    assert side.at[-2:] == ("Fn::If", 1)


def test_outputs_have_sides_too() -> None:
    template = world("a", Conditions=CONDITIONS, Outputs={"O": {"Value": {"Fn::If": ["Here", "a", "b"]}}})
    assert "no scenario takes the true side of Fn::If Here" in untaken(template, "eu-central-1")
