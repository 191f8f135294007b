"""What an operation will do to a stack that stands, and what is shown where AWS's change set says otherwise."""

import io
import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from stackproof.deploy.client import Cloud
from stackproof.deploy.forecast import differences, forecast
from stackproof.deploy.runner import Job, foretell
from stackproof.deploy.stack_events import StackState
from stackproof.evaluation.scenario import Pair, Scenario
from stackproof.foundation.progress import Screen
from stackproof.plan import operations
from stackproof.template import loader

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "UpdateReplacePolicy": "Retain",
    "Properties": {
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
    },
}
OLD: dict[str, Any] = {
    "Parameters": {"Shards": {"Type": "Number", "Default": 1}},
    "Resources": {
        "Table": TABLE,
        "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": {"Ref": "Shards"}}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    },
}
OTHER_KEYS = {
    "AttributeDefinitions": [{"AttributeName": "Name", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "Name", "KeyType": "HASH"}],
}
NEW = {
    **OLD,
    "Resources": {
        "Table": {**TABLE, "Properties": OTHER_KEYS},
        "Stream": OLD["Resources"]["Stream"],
        "Topic": {"Type": "AWS::SNS::Topic"},
    },
}
SCENARIO = Scenario("shop", "source", "us-east-1", "111111111111", "shop", {})


class Answering(Cloud):
    """A cloud that has one stack in each region, with a template and parameters."""

    def __init__(self, body: Any, parameters: Mapping[str, str]) -> None:
        super().__init__()
        self.body, self.stated = body, parameters

    def call(self, region: str, action: str, /, **arguments: Any) -> Any:
        del region, arguments
        if action == "get_template":
            return {"TemplateBody": self.body}
        listed = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.stated.items()]
        stack = {"StackId": "id", "StackStatus": "CREATE_COMPLETE", "Parameters": listed}
        return {"Stacks": [stack]}


def update(body: Any = OLD, template: Any = NEW, parameters: Mapping[str, str] | None = None, **values: str) -> Any:
    at = StackState("id", "UPDATE_COMPLETE", "", {}, parameters or {"Shards": "1"})
    document = loader.parse(json.dumps(template), "new.json") if template else None
    return forecast(Answering(body, {}), document, SCENARIO, values, at)


def proposed(logical: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ResourceChange": {"LogicalResourceId": logical, "ResourceType": "AWS::X::Y", "Action": action, **more}}


AS_EXPECTED = [
    proposed("Table", "Modify", Replacement="True", PolicyAction="ReplaceAndRetain"),
    proposed("Topic", "Add"),
    proposed("Queue", "Remove", PolicyAction="Delete"),
]


def test_a_stack_is_compared_with_its_own_template() -> None:
    assert [(change.action, change.logical) for change in update().changes] == [
        ("replace", "Table"),
        ("create", "Topic"),
        ("delete", "Queue"),
    ]


def test_a_template_of_yaml_comes_as_text() -> None:
    assert [change.logical for change in update(json.dumps(OLD)).changes] == ["Table", "Topic", "Queue"]


def test_a_stack_that_keeps_its_template_changes_by_parameters_alone() -> None:
    assert [(change.action, change.logical) for change in update(template=None, Shards="2").changes] == [
        ("update", "Stream")
    ]


def test_a_change_set_that_does_what_was_expected_is_quiet() -> None:
    assert [*differences(update(), AS_EXPECTED)] == []


def test_what_depends_on_attributes_of_others_alone_is_quiet() -> None:
    depending = proposed("Stream", "Modify", Replacement="Conditional", Details=[{"Evaluation": "Dynamic"}])
    assert [*differences(update(), [*AS_EXPECTED, depending])] == []


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (
            [*AS_EXPECTED, proposed("Stream", "Modify", Replacement="True", Details=[{"Evaluation": "Static"}])],
            "Stream (AWS::X::Y): AWS replaces it, which was not expected",
        ),
        (
            [proposed("Table", "Modify", Replacement="False"), *AS_EXPECTED[1:]],
            "Table (AWS::DynamoDB::Table): AWS updates it in place; expected: replaced",
        ),
        (AS_EXPECTED[:2], "Queue (AWS::SQS::Queue): expected: deleted; AWS does not change it"),
        (
            [proposed("Table", "Modify", Replacement="True", PolicyAction="ReplaceAndDelete"), *AS_EXPECTED[1:]],
            "Table (AWS::DynamoDB::Table): of the old one AWS says ReplaceAndDelete; "
            "expected: retained outside the stack",
        ),
    ],
)
def test_a_change_set_that_does_something_else_is_shown(changes: list[dict[str, Any]], shown: str) -> None:
    assert [*differences(update(), changes)] == [shown]


def test_every_operation_is_foretold_before_any_is_done() -> None:
    template = loader.parse(json.dumps(NEW), "new.json")
    target = Scenario("shop", "target", "eu-central-1", "111111111111", "shop", {})
    plan = operations.made(template, Pair("shop", SCENARIO, target))
    screen = Screen(io.StringIO())
    foretell(Job(template, plan, Answering(OLD, {"Shards": "1"}), screen, cast(Any, None)))
    written = cast(io.StringIO, screen.stream).getvalue()
    assert written.count("1 replaced, 1 created, 1 deleted") == 2
    assert "retained outside the stack  Table" in written
