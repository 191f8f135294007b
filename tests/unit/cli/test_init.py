"""`init`: what it writes for a template, what it asks, and that `check` goes on from there."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from stackproof.cli import init_command
from stackproof.cli.main import main

REGIONS = {"Peer": "eu-west-1", "Home": "us-west-2"}
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Stage": {"Type": "String", "AllowedPattern": "[a-z]{3,20}"},
        "Owner": {"Type": "String"},
        "Home": {"Type": "String", "Default": "us-west-2"},
        "ZoneId": {"Type": "String", "Default": "", "AllowedPattern": "(Z[A-Z0-9]{5,31})?"},
        "Size": {"Type": "String", "Default": "small", "AllowedValues": ["small", "large"]},
    },
    "Conditions": {
        "IsHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "Home"}]},
        "IsWest": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "HasZone": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ZoneId"}, ""]}]},
        "IsLarge": {"Fn::Equals": [{"Ref": "Size"}, "large"]},
    },
    "Resources": {
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": {"Fn::Sub": "orders-${Stage}"},
                "DisplayName": {"Fn::If": ["IsLarge", {"Ref": "Owner"}, {"Fn::If": ["IsWest", "west", "home"]}]},
            },
        },
        "Zoned": {"Type": "AWS::SNS::Topic", "Condition": "HasZone", "Properties": {"TopicName": {"Ref": "ZoneId"}}},
        "HomeTopic": {"Type": "AWS::SNS::Topic", "Condition": "IsHome"},
    },
}
"""Parameters with and without defaults, and conditions that no default makes true."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("my.json").write_text(json.dumps(TEMPLATE, indent=2))
    return tmp_path


def written() -> Any:
    return yaml.safe_load(Path("scenarios.yaml").read_text())


def test_a_first_scenario_has_the_defaults_and_further_ones_what_no_default_makes_true() -> None:
    assert main(["init", "my.json"]) == 0
    found = {deployment["name"]: deployment["parameters"] for deployment in written()["deployments"]}
    assert next(iter(found)) == "defaults"
    assert any(item.get("ZoneId") for item in found.values())
    assert any(item.get("Size") == "large" for item in found.values())
    assert len(found) <= 3


def test_regions_are_those_that_the_template_names() -> None:
    main(["init", "my.json"])
    (first, *_) = written()["deployments"]
    assert (first["source"]["region"], first["target"]["region"]) == ("us-west-2", "eu-west-1")


def test_regions_may_be_defaults_of_parameters_that_nothing_compares(tmp_path: Path) -> None:
    parameters = {name: {"Type": "String", "Default": region} for name, region in REGIONS.items()}
    compared = {"IsHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "Home"}]}}
    value = {"Parameters": parameters, "Conditions": compared, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "named.json").write_text(json.dumps(value))
    assert main(["init", str(tmp_path / "named.json")]) == 0
    (first, *_) = written()["deployments"]
    assert (first["source"]["region"], first["target"]["region"]) == ("us-west-2", "eu-west-1")


def test_a_placeholder_is_marked_and_is_one_that_the_parameter_accepts() -> None:
    main(["init", "my.json"])
    assert written()["placeholders"] == ["Stage", "Owner"]
    parameters = written()["deployments"][0]["parameters"]
    assert parameters == {"Stage": "aaa", "Owner": "CHANGE-ME"}
    marked = [line for line in Path("scenarios.yaml").read_text().splitlines() if line.endswith("# CHANGE-ME")]
    assert len(marked) == 2 * len(written()["deployments"])


def test_what_is_given_is_written_and_no_placeholder() -> None:
    assert main(["init", "my.json", "--source", "us-east-1", "--target", "eu-west-1", "--parameter", "Owner=me"]) == 0
    assert written()["placeholders"] == ["Stage"]
    assert written()["deployments"][0]["parameters"]["Owner"] == "me"
    assert written()["deployments"][0]["source"]["region"] == "us-east-1"


def test_the_next_command_is_check_and_every_side_of_a_condition_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "my.json"])
    assert "next: stackproof check" in capsys.readouterr().out
    assert main(["check", "--no-lint", "--no-cache", "--select", "core"]) == 0
    assert "8 of 8 sides" not in (out := capsys.readouterr().out)
    assert "12 of 12 condition outcomes tried" in out


def test_nothing_is_written_over_unless_forced(capsys: pytest.CaptureFixture[str]) -> None:
    Path("stackproof.toml").write_text("# mine\n")
    assert main(["init", "my.json"]) == 2
    assert "stackproof.toml is there already; fix: give --force" in capsys.readouterr().err
    assert not Path("scenarios.yaml").exists()
    assert Path("stackproof.toml").read_text() == "# mine\n"
    assert main(["init", "my.json", "--force"]) == 0


def test_on_a_terminal_regions_and_values_are_asked_until_they_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["", "eu-central-1", "NO", "dev", ""])
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(init_command, "question", lambda: ask)
    assert main(["init", "my.json"]) == 0
    (first, *_) = written()["deployments"]
    assert (first["source"]["region"], first["target"]["region"]) == ("us-west-2", "eu-central-1")
    assert first["parameters"]["Stage"] == "dev"
    assert written()["placeholders"] == ["Owner"]
    assert asked[0] == "source region [us-west-2]: "
    assert "'NO' is not accepted" in asked[3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "us-east-9"], "us-east-9"),
        (["--source", "us-east-1", "--target", "us-east-1"], "both regions are us-east-1"),
        (["--parameter", "Nobody=x"], "my.json has no parameter Nobody"),
    ],
)
def test_what_cannot_be_written_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "my.json", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("scenarios.yaml").exists()


def test_a_template_that_names_no_regions_needs_them(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bare.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    assert main(["init", "bare.json"]) == 2
    assert "fix: give --source REGION" in capsys.readouterr().err
    assert main(["init", "bare.json", "--source", "us-east-1", "--target", "eu-west-1"]) == 0


def test_nothing_is_planned_with_a_placeholder(capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "my.json"])
    assert main(["plan"]) == 2
    assert (
        "the value of Stage in scenarios.yaml is a placeholder; fix: give --parameter Stage" in capsys.readouterr().err
    )
    assert main(["plan", "--parameter", "Stage=dev", "--parameter", "Owner=me"]) == 0


def started(text: str, *more: str) -> Any:
    Path("other.yaml").write_text(text)
    assert main(["init", "other.yaml", "--source", "us-east-1", "--target", "eu-west-1", *more]) == 0
    return {deployment["name"]: deployment.get("parameters", {}) for deployment in written()["deployments"]}


def test_the_resources_that_loops_make_are_started_from() -> None:
    loop = """
Transform: AWS::LanguageExtensions
Parameters: {Stage: {Type: String, Default: dev}, Names: {Type: CommaDelimitedList}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic${Name}: {Type: AWS::SNS::Topic, Condition: IsProd}
  Always: {Type: AWS::SNS::Topic}
"""
    assert started(loop, "--parameter", "Names=a,b")["is-prod"] == {"Names": "a,b", "Stage": "prod"}


def test_resources_that_a_transform_makes_may_be_named() -> None:
    serverless = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Handler: app.main, CodeUri: src}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Events: {Get: {Type: HttpApi, Properties: {Path: /, Method: GET}}}}
Outputs: {Api: {Value: !Ref ServerlessHttpApi}}
"""
    assert started(serverless) == {"defaults": {}}


def test_values_that_the_rules_of_the_template_accept_are_found_where_its_defaults_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = """
Parameters:
  ToLogs: {Type: String, AllowedValues: ["yes", "no"], Default: "no"}
  ToBucket: {Type: String, AllowedValues: ["yes", "no"], Default: "no"}
Rules:
  Somewhere:
    Assertions:
      - {Assert: !Or [!Equals [!Ref ToLogs, "yes"], !Equals [!Ref ToBucket, "yes"]], AssertDescription: choose one}
Conditions: {Logs: !Equals [!Ref ToLogs, "yes"], Bucket: !Equals [!Ref ToBucket, "yes"]}
Resources: {Topic: {Type: AWS::SNS::Topic, Condition: Logs}, Other: {Type: AWS::SNS::Topic, Condition: Bucket}}
"""
    found = started(text)
    assert "the template rejects its defaults: rule Somewhere" in capsys.readouterr().out
    assert found and all("yes" in parameters.values() for parameters in found.values())


def test_placeholders_have_the_shape_that_lists_and_arns_need() -> None:
    text = """
Parameters:
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Names: {Type: CommaDelimitedList}
  ClusterArn: {Type: String}
Resources:
  Cluster:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: !Select [1, !Split ["/", !Ref ClusterArn]], TopicName: !Select [1, !Ref Names]}
"""
    assert started(text)["defaults"] == {
        "Subnets": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
        "Names": "ChangeMe1,ChangeMe2",
        "ClusterArn": "arn:aws:service:us-east-1:111111111111:type/CHANGE-ME",
    }
