"""The first assertion that fails; the documented cases have the functions."""

import pytest
from worlds import scenario, world

from stackproof.evaluation.stack import fold
from stackproof.foundation.finding import CannotTell


def test_the_first_rule_that_fails_is_said_with_its_place() -> None:
    fails = {"Assertions": [{"Assert": {"Fn::Equals": ["a", "b"]}, "AssertDescription": "a must be b"}]}
    with pytest.raises(CannotTell) as error:
        fold(world("a", Rules={"One": fails, "Two": fails}), scenario())
    assert "rule One refuses the parameters of test in us-east-1: a must be b" in str(error.value)
    assert error.value.place is not None
    assert error.value.place.line == 5
