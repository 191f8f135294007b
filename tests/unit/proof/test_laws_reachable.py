"""Laws: the combinations of invented conditions are those that every value, tried one by one, finds."""

from itertools import product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from worlds import document

from stackproof.aws.regions import partition_of
from stackproof.evaluation.acceptance import refusal
from stackproof.evaluation.conditions import Conditions
from stackproof.evaluation.scenario import Scenario
from stackproof.evaluation.scope import scope
from stackproof.proof.branches import impossible, reaching
from stackproof.proof.reachable import combinations_of

AWS = partition_of("us-east-1")
NAMES = ("P", "Q", "R")
VALUES = ("a", "b", "ab", "a-b", "")
REFS = st.sampled_from([{"Ref": name} for name in NAMES])
TEXTS = st.one_of(
    REFS,
    REFS,
    st.sampled_from(VALUES),
    st.builds(lambda name: {"Fn::Sub": f"a-${{{name}}}"}, st.sampled_from(NAMES)),
    st.builds(lambda item: {"Fn::Select": ["0", {"Fn::Split": ["-", item]}]}, REFS),
    st.builds(lambda item, other: {"Fn::Join": ["", [item, other]]}, REFS, REFS),
)
TRUTHS = st.recursive(
    st.builds(lambda item, other: {"Fn::Equals": [item, other]}, TEXTS, TEXTS),
    lambda inner: st.one_of(
        st.builds(lambda item: {"Fn::Not": [item]}, inner),
        st.builds(
            lambda kind, item, other: {kind: [item, other]}, st.sampled_from(["Fn::And", "Fn::Or"]), inner, inner
        ),
    ),
    max_leaves=4,
)
DECLARED = st.lists(st.sampled_from(VALUES), min_size=1, max_size=4, unique=True)


@settings(max_examples=max(settings().max_examples // 2, 25))
@given(st.tuples(*(DECLARED for _ in NAMES)), st.lists(TRUTHS, min_size=1, max_size=3), st.one_of(st.none(), TRUTHS))
def test_law_the_combinations_are_those_that_trying_every_value_finds(
    allowed: tuple[list[str], ...], conditions: list[Any], demanded: Any
) -> None:
    declared = {name: {"Type": "String", "AllowedValues": values} for name, values in zip(NAMES, allowed, strict=True)}
    sections = {
        "Parameters": declared,
        "Conditions": {f"C{number}": condition for number, condition in enumerate(conditions)},
        "Resources": {"It": {"Type": "AWS::SNS::Topic"}},
    }
    if demanded:
        sections["Rules"] = {"R": {"Assertions": [{"Assert": demanded}]}}
    template = document(sections)
    found = {}
    for values in product(*allowed):
        scenario = Scenario("t", "source", "us-east-1", "1" * 12, "s", dict(zip(NAMES, values, strict=True)))
        if not refusal(template, scenario):
            held = Conditions(scope(template, scenario)).all()
            found[tuple((name, bool(holds)) for name, holds in held.items())] = values
    assert {combination.outcomes for combination in combinations_of(template, AWS)} == found.keys()
    assume(found)
    dead = {(item.condition, item.outcome) for item in impossible(template, AWS)}
    every = {(name, outcome) for name in sections["Conditions"] for outcome in (True, False)}
    assert every - dead == {pair for outcomes in found for pair in outcomes}
    assert all(reaching(template, AWS, outcomes) is not None for outcomes in found)
