"""What `cdk synth` writes, checked as it comes."""

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.cli.main import main

BOOTSTRAP = {
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
            "Description": "Version of the CDK Bootstrap resources",
        }
    },
    "Rules": {
        "CheckBootstrapVersion": {
            "Assertions": [
                {
                    "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2", "3", "4", "5"], {"Ref": "BootstrapVersion"}]}]},
                    "AssertDescription": "CDK bootstrap stack version 6 required.",
                }
            ]
        }
    },
    "Conditions": {"CDKMetadataAvailable": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def synthesised(folder: Path, *stacks: tuple[str, str], period: int = 60) -> str:
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    for name, region in stacks:
        queue = {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": period}}
        metadata = {
            "Type": "AWS::CDK::Metadata",
            "Properties": {"Analytics": "v2:x"},
            "Condition": "CDKMetadataAvailable",
        }
        queue["Metadata"] = {"aws:cdk:path": f"{name}/Queue/Resource"}
        template = {**BOOTSTRAP, "Resources": {"Queue4A7E3555": queue, "CDKMetadata": metadata}}
        (folder / f"{name}.template.json").write_text(json.dumps(template, indent=1), encoding="utf-8")
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://unknown-account/{region}",
            "properties": {"templateFile": f"{name}.template.json", "stackName": f"App-{name}"},
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}), encoding="utf-8")
    return str(folder)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    main(["check", *arguments, "--select", "core", "--format", "json"])
    return json.loads(capsys.readouterr().out)


def test_an_app_of_two_regions_is_checked_as_it_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = report(capsys, "--cdk", synthesised(tmp_path, ("Primary", "us-east-1"), ("Secondary", "eu-central-1")))
    assert (found["errors"], found["findings"], found["exit"]) == ([], [], 0)


def test_a_finding_of_the_second_template_names_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = synthesised(
        tmp_path, ("A-us-east-1", "us-east-1"), ("A-eu-west-1", "eu-west-1"), ("B", "us-east-1"), period=5
    )
    found = report(capsys, "--cdk", folder)
    places = {Path(finding["path"]).name for finding in found["findings"] if finding["rule"] == "E3034"}
    assert places == {"A-us-east-1.template.json", "A-eu-west-1.template.json"}


@pytest.mark.parametrize(
    ("stacks", "message"),
    [
        ((("A", "us-east-1"), ("B", "us-east-1")), "no two stacks of the app differ by their region only"),
        ((("A", "unknown-region"),), "the region of stack A is not known"),
    ],
)
def test_an_app_without_two_regions_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stacks: tuple[tuple[str, str], ...], message: str
) -> None:
    assert main(["check", "--cdk", synthesised(tmp_path, *stacks)]) == 2
    assert message in capsys.readouterr().err


def test_what_is_no_assembly_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    assert main(["check", "--cdk", str(tmp_path)]) == 2
    assert "it is no manifest of a cloud assembly" in capsys.readouterr().err
