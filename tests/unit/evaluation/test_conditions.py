"""Which conditions hold; the documented cases have the functions."""

from worlds import scenario, world

from stackproof.evaluation.stack import fold


def test_every_condition_has_an_outcome() -> None:
    conditions = {"A": {"Condition": "B"}, "B": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    assert fold(world("a", Conditions=conditions), scenario()).conditions == {"A": True, "B": True}


def test_a_long_chain_of_conditions_is_refused_or_worked_out() -> None:
    chain = {f"C{n}": {"Condition": f"C{n + 1}"} for n in range(40)} | {"C40": {"Fn::Equals": ["a", "a"]}}
    assert all(fold(world("a", Conditions=chain), scenario()).conditions.values())
