"""The table of what may stand where, against what cfn-lint ships of it."""

import json
from importlib.resources import files
from typing import Any

import pytest

from stackproof.evaluation.assertions import IN_RULES
from stackproof.evaluation.conditions import IN_CONDITIONS
from stackproof.evaluation.intrinsics import IN_RESOURCES
from stackproof.template import grammar
from stackproof.template.grammar import SIGNATURES
from stackproof.template.transforms import EXTENDED

NEED_TRANSFORM = {"Fn::Length", "Fn::ToJsonString", "Fn::Transform", "Fn::GetStackOutput", "Fn::ForEach::[a-zA-Z0-9]+"}
FILES = {
    "Fn::Base64": "base64", "Fn::Cidr": "cidr", "Fn::FindInMap": "findinmap", "Fn::GetAZs": "getazs",
    "Fn::GetAtt": "getatt", "Fn::ImportValue": "importvalue", "Fn::Join": "join", "Fn::Select": "select",
    "Fn::Split": "split", "Fn::Equals": "equals",
}  # fmt: skip
NOT_TEXT = {"Fn::Cidr", "Fn::Contains"}
"""What cfn-lint lets stand in Fn::Base64 though it gives no text."""


def shipped(name: str) -> Any:
    return json.loads(files("cfnlint.data.schemas.other.functions").joinpath(f"{name}.json").read_text("utf-8"))


def without_transform(schema: Any) -> Any:
    """Leave out what holds under the transform AWS::LanguageExtensions only."""
    if isinstance(schema, dict):
        if schema.get("if") == {"dynamicValidation": {"transformCheck": "AWS::LanguageExtensions"}}:
            return {key: without_transform(item) for key, item in schema.items() if key not in ("if", "then")}
        return {key: without_transform(item) for key, item in schema.items()}
    return [without_transform(item) for item in schema] if isinstance(schema, list) else schema


def named(schema: Any) -> set[str]:
    """Return every function that a schema names."""
    if isinstance(schema, dict):
        listed = schema.get("functions", [])
        own = set(listed) if isinstance(listed, list) else set()
        return own.union(*[named(item) for item in schema.values()])
    return set().union(*[named(item) for item in schema]) if isinstance(schema, list) else set()


@pytest.mark.parametrize("name", FILES)
def test_a_function_takes_all_that_cfn_lint_lets_stand_in_it(name: str) -> None:
    own = {function for slot in SIGNATURES[name].slots for function in slot.functions | (slot.items or frozenset())}
    lacking = named(without_transform(shipped(FILES[name]))) - NEED_TRANSFORM - own
    assert lacking <= (NOT_TEXT if name == "Fn::Base64" else set())


@pytest.mark.parametrize(
    ("placed", "functions"),
    [
        (grammar.PLACED_IN_RESOURCES, IN_RESOURCES),
        (grammar.PLACED_IN_CONDITIONS, IN_CONDITIONS),
        (grammar.PLACED_IN_RULES, IN_RULES),
    ],
    ids=["resources", "conditions", "rules"],
)
def test_what_may_stand_in_a_section_can_be_worked_out_there(placed: frozenset[str], functions: Any) -> None:
    assert placed | EXTENDED == functions.keys()


def test_every_function_has_a_signature() -> None:
    assert SIGNATURES.keys() == grammar.PLACED_IN_RULES | grammar.PLACED_IN_RESOURCES


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Fn::And", "Fn::And is only allowed in Conditions and Rules"),
        ("Fn::RefAll", "Fn::RefAll is only allowed in Rules"),
        ("Fn::Cidr", "Fn::Cidr is only allowed in Resources and Outputs"),
        ("Fn::ForEach::X", "Fn::ForEach::X needs the transform AWS::LanguageExtensions"),
        ("Fn::Fnord", "unknown function Fn::Fnord"),
    ],
)
def test_a_function_in_the_wrong_section_is_told_where_it_belongs(name: str, message: str) -> None:
    assert grammar.misplaced(name)[0] == message
