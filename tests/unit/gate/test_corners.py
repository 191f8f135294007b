"""Rules at the ends of numbers' ranges, and what properties take of numbers."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from worlds import ROOT, document, product

from stackproof.aws.regions import partition_of
from stackproof.gate.gate import Inputs, check
from stackproof.gate.outcome import Outcome
from stackproof.proof.names import names
from stackproof.proof.ranges import Range, corners, ranges

AWS = partition_of("us-east-1")
SCENARIOS = """deployments:
  - {name: one, source: {region: us-east-1}, target: {region: eu-central-1}}
"""


def stream(parameter: dict[str, Any]) -> dict[str, Any]:
    shards = {"ShardCount": {"Ref": "Shards"}}
    resources: dict[str, Any] = {"Stream": {"Type": "AWS::Kinesis::Stream", "Properties": shards}}
    resources["Function"] = {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 60}}
    source = {"EventSourceArn": {"Fn::GetAtt": ["Stream", "Arn"]}, "FunctionName": {"Ref": "Function"}}
    resources["Mapping"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": source}
    return {"Parameters": {"Shards": parameter}, "Resources": resources}


def proved(folder: Path, value: dict[str, Any]) -> Outcome:
    (folder / "scenarios.yaml").write_text(SCENARIOS, encoding="utf-8")
    (folder / "t.json").write_text(json.dumps(value), encoding="utf-8")
    rules = folder / "rules" / "capacity"
    rules.mkdir(parents=True)
    for name in ("streams_carry_load.py", "streams_carry_load.cases.yaml"):
        (rules / name).write_text((ROOT / "rules/capacity" / name).read_text(encoding="utf-8"), encoding="utf-8")
    paths = (str(folder / "t.json"), str(folder / "rules"), str(folder / "scenarios.yaml"), str(folder / "none.toml"))
    return check(Inputs(*paths, date(2026, 11, 29), select=("all",)), lint=False)


@pytest.mark.parametrize(
    ("parameter", "broken"),
    [
        ({"Type": "Number", "MinValue": 10, "MaxValue": 99}, False),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 99}, True),
        ({"Type": "String", "AllowedPattern": "1[0-9]|[2-9][0-9]"}, False),
        ({"Type": "String", "AllowedPattern": "[1-9][0-9]?"}, True),
        ({"Type": "Number", "AllowedValues": [10, 20]}, False),
        ({"Type": "Number", "AllowedValues": [9, 20]}, True),
    ],
)
def test_a_number_carries_the_load_over_its_whole_range(
    tmp_path: Path, parameter: dict[str, Any], broken: bool
) -> None:
    outcome = proved(tmp_path, stream({**parameter, "Default": 20}))
    found = {finding.scenario for finding in outcome.findings if finding.rule == "streams_carry_load"}
    assert any(name.startswith("one with Shards=") for name in found) == broken


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ({"Type": "Number", "MinValue": 1, "MaxValue": 99}, []),
        ({"Type": "Number", "MinValue": 1}, ["100001"]),
        ({"Type": "Number", "MinValue": 0, "MaxValue": 99}, ["0"]),
        ({"Type": "Number"}, ["0"]),
        ({"Type": "String"}, [""]),
        ({"Type": "String", "AllowedPattern": "[1-9][0-9]{0,4}"}, []),
        ({"Type": "String", "AllowedPattern": "[1-9][0-9]|none"}, ["none"]),
    ],
)
def test_a_number_that_its_property_does_not_take_is_a_counterexample(
    parameter: dict[str, Any], text: list[str]
) -> None:
    found = names(document(stream(parameter)), AWS)
    messages = [
        counterexample.text for counterexample in found.refuted if counterexample.of.called == "Stream.ShardCount"
    ]
    assert messages == text


def test_the_days_of_a_log_group_are_those_that_there_are() -> None:
    resources = {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": {"Ref": "Days"}}}}
    for values, text in (([1, 30, 365], []), ([30, 31], ["31"])):
        parameters = {"Days": {"Type": "Number", "AllowedValues": values}}
        found = names(document({"Parameters": parameters, "Resources": resources}), AWS)
        assert [counterexample.text for counterexample in found.refuted] == text


def test_the_ranges_of_the_template_are_found() -> None:
    assert [(item.name, item.least, item.most) for item in ranges(product(), AWS)] == [("ShardCount", 13, 200)]


def test_corners_of_a_few_parameters_are_all_of_them() -> None:
    two = (Range("A", 1, 2, "X"), Range("B", 3, 4, "X"))
    assert [tuple(corner.values()) for corner in corners(two)] == [("1", "3"), ("1", "4"), ("2", "3"), ("2", "4")]


def test_of_many_parameters_each_is_tried_alone() -> None:
    many = tuple(Range(name, 1, 2, "X") for name in "ABCD")
    assert [len(corner) for corner in corners(many)] == [1] * 8
