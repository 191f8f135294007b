"""Values bound to parameters; the documented cases have the rest."""

from typing import Any

import pytest
from worlds import BUCKET, document

from stackproof.evaluation.parameter_values import bind
from stackproof.foundation.finding import CannotTell

TWO = document(
    {"Parameters": {"A": {"Type": "String"}, "B": {"Type": "String", "Default": "b"}}, "Resources": {"B1": BUCKET}}
)


def test_each_parameter_has_its_value_or_its_default() -> None:
    assert bind(TWO, {"A": "a"}) == {"A": "a", "B": "b"}


def test_a_value_of_any_bytes_is_one() -> None:
    assert bind(TWO, {"A": "\udcff"})["A"] == "\udcff"


def test_an_empty_value_is_one() -> None:
    assert bind(TWO, {"A": "", "B": ""}) == {"A": "", "B": ""}


def test_all_unknown_parameters_are_named() -> None:
    with pytest.raises(CannotTell, match=r"Parameters: \[X, Y\] do not exist in the template; fix: give only A, B"):
        bind(TWO, {"A": "a", "Y": "", "X": ""})


def test_a_template_without_parameters_takes_none() -> None:
    with pytest.raises(CannotTell, match="give only no parameters"):
        bind(document({"Resources": {"B": BUCKET}}), {"X": ""})


@pytest.mark.parametrize(
    ("declared", "value", "constraint"),
    [
        ({"Type": "Number"}, "x", "Type"),
        ({"Type": "String", "AllowedValues": ["a"]}, "b", "AllowedValues"),
        ({"Type": "String", "AllowedPattern": "a"}, "b", "AllowedPattern"),
        ({"Type": "String", "AllowedPattern": "(a|aa)+b"}, "a" * 4000, "AllowedPattern"),
        ({"Type": "String", "MinLength": 2}, "b", "MinLength"),
        ({"Type": "String", "MaxLength": 2}, "bbb", "MaxLength"),
        ({"Type": "Number", "MinValue": 2}, "1", "MinValue"),
        ({"Type": "Number", "MaxValue": 2}, "3", "MaxValue"),
        ({"Type": "String"}, "x" * 4097, "Type"),
    ],
    ids=str,
)
def test_a_refusal_stands_at_the_constraint(declared: dict[str, Any], value: str, constraint: str) -> None:
    template = document({"Parameters": {"P": declared}, "Resources": {"B": BUCKET}})
    with pytest.raises(CannotTell) as error:
        bind(template, {"P": value})
    assert error.value.place == template.place(("Parameters", "P", constraint))
    assert error.value.fix == "give a value that the constraint allows"


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"Type": "Number", "MinValue": 2, "MaxValue": 2}, "2"),
        ({"Type": "String", "MinLength": 2, "MaxLength": 2}, "bb"),
        ({"Type": "String"}, "x" * 4096),
    ],
    ids=str,
)
def test_a_value_may_be_as_large_as_its_limit(declared: dict[str, Any], value: str) -> None:
    assert bind(document({"Parameters": {"P": declared}, "Resources": {"B": BUCKET}}), {"P": value}) == {"P": value}
