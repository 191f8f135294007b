"""What a check takes beside one plain template: a template and an account a side, parameter files, transforms."""

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli.main import main

SOURCE = """
Parameters: {Stage: {Type: String}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Stage}-events"}}
Outputs:
  Name: {Value: !GetAtt Topic.TopicName}
"""
TARGET = """
Parameters: {Stage: {Type: String}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: !If [IsProd, 5, 60]
Outputs:
  Told:
    Value: !GetStackOutput {StackName: stack, OutputName: Name, Region: us-east-1}
"""
SCENARIOS = """
deployments:
  - name: both
    parameter-files: values.json
    source: {region: us-east-1}
    target: {region: eu-central-1, template: target.yaml, account: "222222222222"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"source.yaml": SOURCE, "scenarios.yaml": SCENARIOS, "target.yaml": TARGET}.items():
        Path(name).write_text(text, encoding="utf-8")
    Path("values.json").write_text('{"Parameters": {"Stage": "prod"}}', encoding="utf-8")
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    common = ["check", "source.yaml", "--scenarios", "scenarios.yaml", "--no-cache", "--format", "json"]
    main([*common, "--select", "core", *more])
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("folder")
def test_a_finding_of_a_sides_own_template_is_placed_in_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys)
    assert report["errors"] == []
    found = [
        (finding["path"], finding["rule"], finding["line"])
        for finding in report["findings"]
        if finding["rule"].startswith("E")
    ]
    assert found == [("target.yaml", "E3034", 8)]


@pytest.mark.usefixtures("folder")
def test_what_no_scenario_takes_of_a_sides_own_template_is_named_in_its_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [finding for finding in check(capsys, "--no-lint")["findings"] if finding["rule"] == "scenario_coverage"]
    assert [(item["path"], item["line"], item["message"]) for item in found] == [
        ("target.yaml", 3, "in no scenario is condition IsProd false"),
        ("target.yaml", 8, "no scenario takes the false side of Fn::If IsProd"),
    ]


def test_a_value_of_a_file_that_a_template_refuses_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "values.json").write_text('{"Parameters": {"Stage": "prod", "Fnord": "x"}}', encoding="utf-8")
    (error,) = check(capsys, "--no-lint")["errors"]
    assert (error["path"], "[Fnord] do not exist in the template" in error["message"]) == ("values.json", True)


@pytest.mark.usefixtures("folder")
def test_a_pair_of_two_templates_is_not_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "source.yaml", "--scenarios", "scenarios.yaml"]) == 2
    assert "the target of deployment both has a template of its own" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_result_that_depends_on_further_files_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "source.yaml", "--scenarios", "scenarios.yaml", "--no-lint", "--select", "core"]
    main(arguments)
    Path("target.yaml").write_text(TARGET.replace("IsProd, 5, 60", "IsPrd, 5, 60"), encoding="utf-8")
    assert main(arguments) == 2
    assert "there is no condition 'IsPrd'" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_fold_takes_a_file_and_the_command_line_counts_more(capsys: pytest.CaptureFixture[str]) -> None:
    for more, expected in (((), "prod-events"), (("--parameter", "Stage=dev"), "dev-events")):
        assert main(["fold", "source.yaml", "--region", "us-east-1", "--parameters", "values.json", *more]) == 0
        folded = json.loads(capsys.readouterr().out)
        assert folded["Resources"]["Topic"]["Properties"]["TopicName"] == expected


LOOPS = """
Transform: AWS::LanguageExtensions
Conditions: {InSource: !Equals [!Ref "AWS::Region", us-east-1]}
Resources:
  Fn::ForEach::Queues:
    - Name
    - [a, b]
    - Queue${Name}:
        Type: AWS::SQS::Queue
        Properties:
          MessageRetentionPeriod: !If [InSource, 60, 5]
"""


def test_a_finding_in_a_loop_names_the_written_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "loops.yaml").write_text(LOOPS, encoding="utf-8")
    main(["check", "loops.yaml", "--region", "us-east-1,eu-central-1", "--no-cache", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    found = {
        (finding["path"], finding["rule"], finding["line"])
        for finding in report["findings"]
        if finding["rule"].startswith("E")
    }
    assert (report["errors"], found) == ([], {("loops.yaml", "E3034", 11)})
    assert not [finding for finding in report["findings"] if finding["rule"] == "scenario_coverage"]
