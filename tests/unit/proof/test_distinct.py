"""Names that differ for all values, within a stack and between two, and the values with which they meet."""

from itertools import product as every
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import document, product, scenario

from stackproof.automata.automaton import Undecided
from stackproof.aws.regions import partition_of
from stackproof.evaluation.stack import resolve
from stackproof.foundation.document import Document
from stackproof.proof.distinct import Apart, Name, doubtful, meeting

AWS = partition_of("us-east-1")
REGIONS = ("us-east-1", "eu-central-1")
FIRST, SECOND = Name("One", "TopicName"), Name("Other", "TopicName")
PARAMETERS = {
    "P": {"Type": "String", "AllowedPattern": "[a-z]{1,3}"},
    "Q": {"Type": "String", "AllowedPattern": "[a-z-]{1,4}"},
    "D": {"Type": "String", "AllowedPattern": "[0-9]{1,3}"},
}


def topics(first: Any, second: Any, **sections: Any) -> Document:
    named = {"One": first, "Other": second}
    resources = {name: {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": text}} for name, text in named.items()}
    return document({"Parameters": PARAMETERS, "Resources": resources, **sections})


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


@pytest.mark.parametrize(
    ("first", "second", "values"),
    [
        (sub("a-${P}"), sub("b-${P}"), None),
        (sub("${P}-a"), sub("${P}-b"), None),
        (sub("a-${P}"), sub("a-${Q}"), {"P": "a", "Q": "a"}),
        (sub("a-${P}"), sub("a-${D}"), None),
        (sub("a-${P}-x"), sub("a-${P}${Q}"), {"Q": "-x"}),
        (sub("${P}"), sub("${P}"), {}),
        (sub("${P}-${AWS::Region}"), sub("${P}-us-east-1"), {"AWS::Region": "us-east-1"}),
        (sub("${P}-${AWS::AccountId}"), sub("${Q}-x"), None),
    ],
)
def test_two_names_of_a_stack_differ_or_meet(first: Any, second: Any, values: dict[str, str] | None) -> None:
    found = meeting(topics(first, second), AWS, FIRST, SECOND)
    assert (None if found is None else dict(found.values)) == values


@pytest.mark.parametrize(
    ("name", "values"),
    [(sub("a-${P}-${AWS::Region}"), None), (sub("a-${P}"), {}), ("fixed", {}), (sub("${AWS::Region}${P}"), None)],
)
def test_a_name_of_two_stacks_differs_or_meets(name: Any, values: dict[str, str] | None) -> None:
    found = meeting(topics(name, "other"), AWS, FIRST, FIRST, REGIONS)
    assert (None if found is None else dict(found.values)) == values


def test_names_of_resources_that_are_never_there_together_do_not_meet() -> None:
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "a"]}, "D": {"Fn::Not": [{"Condition": "C"}]}}
    value = topics("same", "same", Conditions=conditions).value
    value["Resources"]["One"]["Condition"], value["Resources"]["Other"]["Condition"] = "C", "D"
    assert meeting(document(value), AWS, FIRST, SECOND) is None


def test_one_parameter_that_would_need_two_values_at_once_is_undecided() -> None:
    with pytest.raises(Undecided, match="at once"):
        meeting(topics(sub("${P}b${D}"), sub("a${P}${D}")), AWS, FIRST, SECOND)


def test_all_names_of_the_template_are_proved_to_differ() -> None:
    assert doubtful(product(), AWS) == ()


PIECES = st.lists(st.sampled_from(["${P}", "${Q}", "${D}", "a", "b", "-", "1"]), min_size=1, max_size=4).map("".join)


@given(PIECES, PIECES)
def test_law_values_never_contradict_that_names_differ(first: str, second: str) -> None:
    template = topics(sub(first), sub(second))
    try:
        found = meeting(template, AWS, FIRST, SECOND)
    except Undecided:
        return
    if found is not None:
        parameters = {"P": "a", "Q": "a", "D": "0", **dict(found.values)}
        stack = resolve(template, scenario(**parameters))
        assert stack.resources["One"]["Properties"] == stack.resources["Other"]["Properties"]
        return
    for p, q, d in every(["a", "b", "ab"], ["a", "-", "a-b", "b"], ["1", "11"]):
        stack = resolve(template, scenario(P=p, Q=q, D=d))
        assert stack.resources["One"]["Properties"] != stack.resources["Other"]["Properties"]


@pytest.mark.parametrize(
    ("text", "apart", "meets"),
    [
        ("data-${P}", (), True),
        ("data-${P}", (Apart("P", "dev", "dr"),), False),
        ("data-${Q}", (Apart("P", "dev", "dr"),), True),
        ("${P}${D}", (Apart("P", "a", "ab"),), False),
        ("${P}-${Q}", (Apart("P", "a", "b"),), False),
    ],
)
def test_names_are_apart_by_a_parameter_of_which_each_stack_has_its_own_value(
    text: str, apart: tuple[Apart, ...], meets: bool
) -> None:
    template = topics(sub(text), "x")
    assert (meeting(template, AWS, FIRST, FIRST, REGIONS, apart) is not None) is meets
