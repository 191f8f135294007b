"""Two stacks side by side."""

from collections import Counter
from datetime import date

import pytest
from worlds import scenario, world

from stackproof.evaluation import conditions, stack
from stackproof.evaluation.deployment import Deployment, evaluated, resolved
from stackproof.evaluation.scenario import Pair
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

        def counting(*given: object, **named: object) -> object:
            counted[name] += 1
            return work(*given, **named)

        monkeypatch.setattr(owner, name, counting)

    count(stack, "scope")
    count(stack, "check_assertions")
    count(stack, "_stack")
    count(conditions.Conditions, "all")
    outcome = check(Inputs("template.json", "rules", "scenarios.yaml", "pyproject.toml", date(2026, 1, 1)), lint=lint)
    sides = 2 * len(outcome.pairs)
    assert (outcome.exit, sides > 0) == (0, True)
    assert counted == {"scope": sides, "check_assertions": sides, "all": sides, "_stack": 2 * sides}


def test_both_forms_of_a_side_share_its_parameters_and_conditions() -> None:
    both = evaluated(TEMPLATE, PAIR)
    forms = both.source.folded, both.source.resolved
    assert forms[0].conditions is forms[1].conditions
    assert forms[0].evaluator.scope is forms[1].evaluator.scope is both.source.scope
