"""YAML as CloudFormation reads it."""

from typing import Any

import pytest

from stackproof.foundation.finding import CannotTell
from stackproof.foundation.yaml_reader import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!Sub 'x'", {"Fn::Sub": "x"}),
        ("!GetAtt A.B", {"Fn::GetAtt": "A.B"}),
        ("!Join [',', [a, 1]]", {"Fn::Join": [",", ["a", 1]]}),
        ("!If\n- C\n- a: 1\n- !Ref AWS::NoValue", {"Fn::If": ["C", {"a": 1}, {"Ref": "AWS::NoValue"}]}),
        (
            "!Select [1, !Split [',', !ImportValue X]]",
            {"Fn::Select": [1, {"Fn::Split": [",", {"Fn::ImportValue": "X"}]}]},
        ),
        ("Fn::Base64: !Sub x", {"Fn::Base64": {"Fn::Sub": "x"}}),
        ("!Transform {Name: M}", {"Fn::Transform": {"Name": "M"}}),
        ("! x", "x"),
        ("2010-09-09", "2010-09-09"),
        ("[yes, no, on, true, ~, null]", [True, False, True, True, None, None]),
        ("[1, 0x1F, 010, 1_000, 1.5, '1']", [1, 31, 8, 1000, 1.5, "1"]),
        ("=", "="),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("{a: b, 1: c}", {"a": "b", "1": "c"}),
        ("!!str 1", "1"),
        ("!!map {a: 1}", {"a": 1}),
        ("'<<': a", {"<<": "a"}),
    ],
    ids=lambda text: str(text)[:20],
)
def test_a_text_is_read_with_short_tags_as_long_functions(text: str, value: Any) -> None:
    found = parse_yaml(text, "t.yaml").value
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.yaml:1:1: t.yaml is empty"),
        ("a: &x 1\nb: *x", "t.yaml:2:4: YAML aliases are not supported"),
        ("a: {<<: {b: 1}}", "t.yaml:1:5: hash merges are not supported"),
        ("? [a]\n: b", "t.yaml:1:3: a key must be text"),
        ("a: 1\nb: 2\na: 3", "t.yaml:3:1: the key 'a' stands twice in one mapping, first at line 1"),
        ("a: !!set {b}", "t.yaml:1:4: the YAML tag !!set is not supported"),
        ("a: !!binary aGk=", "t.yaml:1:4: the YAML tag !!binary is not supported"),
        ("a: !!int {b: 1}", "t.yaml:1:4: the YAML tag !!int is not supported"),
        ("!!python/object:x {}", "t.yaml:1:1: the YAML tag !!python/object:x is not supported"),
        ("a: !!int b", "t.yaml:1:4: 'b' is no int"),
        ("a: !!bool b", "t.yaml:1:4: 'b' is no bool"),
        ("a: !!float ''", "t.yaml:1:4: '' is no float"),
        ("a: .inf", "t.yaml:1:4: .inf is not a number that a template can hold"),
        ("a: .nan", "t.yaml:1:4: .nan is not a number that a template can hold"),
        ("a: 0x" + "F" * 300, "t.yaml:1:4: 0xFFFF"),
        ("a: 1\n---\nb: 2", "t.yaml:2:1: a second document begins here"),
        ("a: [1", "t.yaml:1:6: not YAML: did not find expected ',' or ']'"),
        ("a: b: c", "t.yaml:1:5: not YAML: mapping values are not allowed"),
        ("a: é\nb: \x01", r"t.yaml:2:4: not YAML: '\x01' may not stand in a text"),
        ("[[[a], " + "[" * 99, "t.yaml:1:106: the text is nested too deeply"),
        (f"a: {2**1024}", "t.yaml:1:4: 1797"),
        ("[" * 101, "t.yaml:1:101: the text is nested too deeply"),
    ],
    ids=lambda text: str(text)[:20],
)
def test_what_cloudformation_does_not_take_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(CannotTell) as error:
        parse_yaml(text, "t.yaml")
    assert str(error.value).startswith(message)


def test_every_scalar_can_stay_the_text_that_was_written() -> None:
    assert parse_yaml("[1, yes, ~, 0x1F, !x y]", "t.yaml", text_only=True).value == ["1", "yes", "~", "0x1F", "y"]


def test_a_short_tag_stands_where_it_is_written() -> None:
    document = parse_yaml("a:\n  - !Sub\n    - ${b}\n    - {b: 1}\n", "t.yaml")
    assert [document.place(path)[1:] for path in [("a", 0), ("a", 0, "Fn::Sub", 1, "b")]] == [(2, 5), (4, 11)]


def test_depth_is_counted_down_again() -> None:
    assert len(parse_yaml(f"[{', '.join(['[[a]]'] * 200)}]", "t.yaml").value) == 200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: <<", {"a": "<<"}),
        ("a: ! {b: 1}", {"a": {"b": 1}}),
        ("a: ! [1]", {"a": [1]}),
        ("a: !!seq [1]", {"a": [1]}),
        ("a: !!map {b: 1}", {"a": {"b": 1}}),
        ("a: 5000", {"a": 5000}),
        (f"a: {2**1024 - 1}", {"a": 2**1024 - 1}),
    ],
    ids=lambda text: str(text)[:20],
)
def test_what_cloudformation_takes_is_read(text: str, value: Any) -> None:
    assert parse_yaml(text, "t.yaml").value == value
