"""Values bound to parameters; the documented cases have the rest."""

import pytest
from worlds import BUCKET, document

from stackproof.finding import CannotTell
from stackproof.parameters import bind

TWO = document(
    {"Parameters": {"A": {"Type": "String"}, "B": {"Type": "String", "Default": "b"}}, "Resources": {"B1": BUCKET}}
)


def test_each_parameter_has_its_value_or_its_default() -> None:
    assert bind(TWO, {"A": "a"}) == {"A": "a", "B": "b"}


def test_an_empty_value_is_one() -> None:
    assert bind(TWO, {"A": "", "B": ""}) == {"A": "", "B": ""}


def test_all_unknown_parameters_are_named() -> None:
    with pytest.raises(CannotTell, match=r"Parameters: \[X, Y\] do not exist in the template; fix: give only A, B"):
        bind(TWO, {"A": "a", "Y": "", "X": ""})


def test_a_template_without_parameters_takes_none() -> None:
    with pytest.raises(CannotTell, match="give only no parameters"):
        bind(document({"Resources": {"B": BUCKET}}), {"X": ""})


def test_a_refusal_stands_at_the_constraint() -> None:
    template = document({"Parameters": {"A": {"Type": "String", "MaxLength": 1}}, "Resources": {"B": BUCKET}})
    with pytest.raises(CannotTell) as error:
        bind(template, {"A": "ab"})
    assert error.value.place is not None
    assert error.value.place.line == 5
