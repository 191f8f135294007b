"""Dynamic references where they come from a parameter; the documented cases have the forms."""

from typing import Any

import pytest
from worlds import BUCKET, scenario, world

from stackproof.evaluation.stack import fold, resolve
from stackproof.foundation.finding import CannotTell

PARAMETERS = {"P": {"Type": "String"}, "L": {"Type": "CommaDelimitedList", "Default": "a"}}


def test_a_wrong_one_may_come_from_a_parameter() -> None:
    with pytest.raises(CannotTell, match="cannot name the service 'vault'"):
        fold(world({"a": [{"Ref": "P"}]}, Parameters=PARAMETERS), scenario(P="{{resolve:vault:a}}"))


def test_what_is_no_text_is_passed_over() -> None:
    value = [1, True, {"a": 2.5}, "{{resolve:ssm:a}}"]
    assert fold(world(value), scenario()).resources["It"]["Properties"]["It"] == value


def test_one_may_come_from_a_list() -> None:
    with pytest.raises(CannotTell, match="cannot name the service 'vault'"):
        fold(world({"Ref": "L"}, Parameters=PARAMETERS), scenario(P="", L="a,{{resolve:vault:a}}"))


def test_a_part_of_one_is_not_judged_before_it_is_whole() -> None:
    value: Any = {"Fn::Join": ["", ["{{resolve:ssm:", {"Ref": "B"}, "}}"]]}
    template = world(value, Resources={"B": {**BUCKET, "Properties": {"BucketName": "photos"}}})
    assert fold(template, scenario()).resources["It"]["Properties"]["It"] == value
    assert resolve(template, scenario()).resources["It"]["Properties"]["It"] == "{{resolve:ssm:photos}}"


def test_a_reference_in_the_only_parameter_is_found() -> None:
    template = world({"Ref": "P"}, Parameters={"P": {"Type": "String"}})
    with pytest.raises(CannotTell, match="cannot name the service 'fnord'"):
        fold(template, scenario(P="{{resolve:fnord:a}}"))
