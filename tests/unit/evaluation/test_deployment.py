"""Two stacks side by side."""

from worlds import scenario, world

from stackproof.evaluation.deployment import Deployment, folded, resolved
from stackproof.evaluation.scenario import Pair

TEMPLATE = world([{"Ref": "AWS::Region"}, {"Fn::GetAZs": ""}])
PAIR = Pair("both", scenario("us-east-1"), scenario("eu-central-1"))


def values(deployment: Deployment) -> list[object]:
    return [stack.resources["It"]["Properties"]["It"] for stack in deployment.stacks]


def test_both_stacks_are_folded() -> None:
    assert values(folded(TEMPLATE, PAIR)) == [
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
