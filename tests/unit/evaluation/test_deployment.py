"""Two stacks side by side."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from worlds import document, scenario, world

from stackproof.evaluation import conditions, stack
from stackproof.evaluation.deployment import Deployment, evaluated, resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.placeholders import is_unknown
from stackproof.gate.gate import Inputs, check

TEMPLATE = world([{"Ref": "AWS::Region"}, {"Fn::GetAZs": ""}])
PAIR = Pair("both", scenario("us-east-1"), scenario("eu-central-1"))


def values(deployment: Deployment) -> list[object]:
    return [stack.resources["It"]["Properties"]["It"] for stack in deployment.stacks]


def test_both_stacks_are_folded() -> None:
    assert values(evaluated(TEMPLATE, PAIR).folded) == [
        ["us-east-1", {"Fn::GetAZs": "us-east-1"}],
        ["eu-central-1", {"Fn::GetAZs": "eu-central-1"}],
    ]


def test_both_stacks_are_resolved() -> None:
    assert values(resolved(TEMPLATE, PAIR))[1] == ["eu-central-1", ["eu-central-1a", "eu-central-1b", "eu-central-1c"]]


def test_each_stack_has_another() -> None:
    both = resolved(TEMPLATE, PAIR)
    assert (both.other(both.source), both.other(both.target)) == (both.target, both.source)


def test_a_finding_may_be_about_both() -> None:
    both = resolved(TEMPLATE, PAIR)
    finding = both.finding(both.target, ("Resources", "It"), "they differ", "make them alike")
    assert (finding.rule, finding.side, finding.scenario, finding.place.line) == ("", "both", "both", 3)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("lint", [False, True])
def test_the_gate_works_each_side_of_a_scenario_out_once(lint: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[str] = Counter()

    def count(owner: object, name: str) -> None:
        work = getattr(owner, name)

        def counting(*arguments: object, **named: object) -> object:
            counted[name] += 1
            return work(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)

    count(stack, "scope")
    count(stack, "check_assertions")
    count(stack, "_stack")
    count(conditions.Conditions, "all")
    outcome = check(Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1)), lint=lint)
    sides = 2 * len(outcome.pairs)
    assert (outcome.exit, sides > 0) == (0, True)
    forms = 2 if lint else 1  # only cfn-lint reads folded stacks
    assert counted == {"scope": sides, "check_assertions": sides, "all": sides, "_stack": forms * sides}


def test_both_forms_of_a_side_share_its_parameters_and_conditions() -> None:
    both = evaluated(TEMPLATE, PAIR)
    forms = both.source.folded, both.source.resolved
    assert forms[0].conditions is forms[1].conditions
    assert forms[0].evaluator.scope is forms[1].evaluator.scope is both.source.scope


def reading(name: str = "Value", *, stack: str = "teststack", region: str = "us-east-1", **more: Any) -> Document:
    """A template whose target reads an output of the stack in us-east-1."""
    output = {"Fn::GetStackOutput": {"StackName": stack, "OutputName": name, "Region": region}}
    east = {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::If": ["East", "east", "west"]}}}
    sides = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": output}, "Condition": "West"}
    outputs = {"Value": {"Value": {"Ref": "Topic"}}, "OnlyWest": {"Value": "w", "Condition": "West"}, **more}
    conditions = {"East": east, "West": {"Fn::Not": [{"Condition": "East"}]}}
    return document({"Conditions": conditions, "Resources": {"Topic": topic, "Told": sides}, "Outputs": outputs})


def value_of_reader(template: Document) -> object:
    return resolved(template, PAIR).target.resources["Told"]["Properties"]["Value"]


def test_an_output_of_the_other_side_is_resolved() -> None:
    assert value_of_reader(reading()) == "arn:aws:sns:us-east-1:444444444444:east"


@pytest.mark.parametrize("other", [{"stack": "another"}, {"region": "us-west-2"}])
def test_an_output_of_a_stack_that_is_not_the_pair_s_is_a_placeholder(other: dict[str, str]) -> None:
    assert is_unknown(value_of_reader(reading(**other)))


@pytest.mark.parametrize("name", ["Nowhere", "OnlyWest"])
def test_an_output_that_the_other_side_has_not_is_refused_where_it_is_read(name: str) -> None:
    with pytest.raises(CannotTell, match=f"stack teststack in us-east-1 has no output {name}") as error:
        value_of_reader(reading(name))
    assert error.value.place is not None


def test_outputs_that_read_each_other_are_refused() -> None:
    def read(region: str) -> dict[str, Any]:
        return {"Fn::GetStackOutput": {"StackName": "teststack", "OutputName": "Loop", "Region": region}}

    loop = {"Value": {"Fn::If": ["East", read("eu-central-1"), read("us-east-1")]}}
    with pytest.raises(CannotTell, match="depend on each other in a cycle: Loop -> Loop"):
        resolved(reading(Loop=loop), PAIR)
