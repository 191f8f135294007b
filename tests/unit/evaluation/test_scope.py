"""What a reference sees before any resource exists."""

from dataclasses import replace

import pytest
from worlds import scenario, world

from stackproof.evaluation.scope import NO_VALUE, path_of, scope
from stackproof.foundation.finding import CannotTell, Place

SECRET = {
    "P": {"Type": "String", "NoEcho": True},
    "L": {"Type": "CommaDelimitedList", "NoEcho": True, "Default": "x1,x2"},
}


def test_pseudo_parameters_come_from_the_scenario() -> None:
    names = scope(world("a"), scenario("cn-north-1")).names
    assert (names["AWS::Partition"], names["AWS::URLSuffix"], names["AWS::NoValue"]) == (
        "aws-cn", "amazonaws.com.cn", NO_VALUE,
    )  # fmt: skip


def test_a_secret_is_known_and_not_shown() -> None:
    found = scope(world("a", Parameters=SECRET), scenario(P="top'secret"))
    assert (found.names["P"], found.shown["P"]) == ("top'secret", "{{P@us-east-1}}")


@pytest.mark.parametrize("message", ["it is top'secret", f"it is {'top' + chr(39) + 'secret'!r}", "it is x2"])
def test_a_refusal_has_no_secret_in_it(message: str) -> None:
    found = scope(world("a", Parameters=SECRET), scenario(P="top'secret"))
    assert found.refuse(None, message).message.replace("'", "").replace('"', "") == "it is ****"


def test_a_refusal_has_no_secret_in_it_that_is_written_with_escapes() -> None:
    found = scope(world("a", Parameters=SECRET), scenario(P="a\nb"))
    assert found.refuse(None, f"it is {'a' + chr(10) + 'b'!r}").message == "it is '****'"


def test_an_empty_secret_hides_nothing() -> None:
    found = scope(world("a", Parameters=SECRET), scenario(P=""))
    assert found.refuse(None, "it is").message == "it is"


def test_an_unknown_parameter_of_a_scenarios_file_is_refused_there() -> None:
    chosen = replace(scenario(X="y"), places={"X": Place("scenarios.yaml", 4, 2)})
    with pytest.raises(CannotTell) as error:
        scope(world("a"), chosen)
    assert str(error.value).startswith(
        "scenarios.yaml:4:2: Parameters: [X] do not exist in the template, given by test"
    )


def test_only_unknown_parameters_are_named_in_order() -> None:
    template = world("a", Parameters={"P": {"Type": "String"}})
    places = {name: Place("scenarios.yaml", line, 2) for line, name in enumerate("PYX", 4)}
    with pytest.raises(CannotTell, match=r"^scenarios\.yaml:5:2: Parameters: \[X, Y\] do not exist"):
        scope(template, replace(scenario(P="p", Y="y", X="x"), places=places))


def test_an_unknown_parameter_of_a_command_is_refused_at_the_template() -> None:
    with pytest.raises(CannotTell, match=r"^t\.json:1:1: Parameters: \[X\] do not exist"):
        scope(world("a"), scenario(X="y"))


def test_a_scope_can_be_a_key() -> None:
    found = scope(world("a"), scenario())
    assert {found: 1}[found] == 1


def test_a_node_is_found_in_its_tree() -> None:
    node = {"c": 1}
    assert path_of({"a": [0, {"b": node}]}, node) == ("a", 1, "b")


def test_a_node_of_another_tree_is_not_found() -> None:
    assert path_of({"a": {"c": 1}}, {"c": 1}) is None
