"""cfn-lint with a memory and shortcuts finds what cfn-lint finds as it is installed, one process each."""

# mypy: disable-error-code="import-untyped"

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.version import __version__

from stackproof.gate.mutants import applied, mutants
from stackproof.lint.patches import speedups
from stackproof.lint.source_guard import block
from stackproof.template import loader as templates

ROOT = Path(__file__).parents[3]
REGIONS = ["eu-central-1", "us-east-1"]
EVERY = 800
"""Of the template's mutants each of so many is linted: half a dozen."""

PARAMETERS = {"On": {"Type": "String", "AllowedValues": ["true", "false"]}, "Name": {"Type": "String"}}
CONDITIONS = {
    "IsOn": {"Fn::Equals": [{"Ref": "On"}, "true"]},
    "IsHere": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
    "Never": {"Fn::And": [{"Condition": "IsOn"}, {"Fn::Not": [{"Condition": "IsOn"}]}]},
}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


ODD: dict[str, dict[str, Any]] = {
    "booleans as text, and texts where booleans stand": {
        "One": queue(FifoQueue="true", SqsManagedSseEnabled="TRUE", ContentBasedDeduplication="falsch"),
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "true"}}},
    },
    "values that no list of values has": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "public"}},
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": 1, "KeySchema": [{"KeyType": "X"}]}},
    },
    "references to what is not there": {
        "One": queue(QueueName={"Ref": "Two"}, KmsMasterKeyId={"Fn::GetAtt": ["Key", "Arn"]}),
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${One.Nothing}-${Three}"}}},
    },
    "conditions, one of them never met": {
        "One": {**queue(QueueName={"Fn::If": ["IsOn", "a", {"Ref": "AWS::NoValue"}]}), "Condition": "IsHere"},
        "Two": queue(DelaySeconds={"Fn::If": ["Never", "soon", 1]}, QueueName={"Fn::GetAtt": ["One", "QueueName"]}),
        "Three": queue(Nothing={"Fn::If": ["Absent", 1, 2]}),
    },
    "a module, a serverless function and a custom resource": {
        "Part": {"Type": "My::Own::Part::MODULE"},
        "PartInside": queue(),
        "Function": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": 1}},
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["PartQueue", "Arn"]}}},
    },
    "dynamic references and pseudo parameters as texts": {
        "One": queue(
            QueueName="{{resolve:ssm:/name}}", KmsMasterKeyId="{{ resolve:ssm:x }}", RedrivePolicy="AWS::Region"
        ),
        "Two": queue(QueueName={"Fn::Join": ["-", ["{{resolve:secretsmanager:a}}", {"Ref": "Name"}]]}),
    },
    "policies with what IAM does not know": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Grant", "Action": "sts:AssumeRole"}]},
                "Policies": [
                    {"PolicyName": "a", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:Eat"}}}
                ],
            },
        }
    },
    "a circle, two of one name, and sections of the wrong shape": {
        "One": queue(QueueName={"Ref": "Two"}),
        "Two": {**queue(QueueName={"Fn::Sub": "${One}"}), "DependsOn": "One", "UpdatePolicy": [], "Metadata": 1},
        "Three": queue(QueueName="same"),
        "Four": queue(QueueName="same"),
    },
    "resources that a transform makes": {
        "Fn::ForEach::Queues": ["X", ["a", "b"], {"Queue${X}": queue(Nothing={"Fn::GetAtt": ["Queueb", "Nothing"]})}],
        "One": queue(
            QueueName={"Fn::GetAtt": ["Queuea", "QueueName"]}, KmsMasterKeyId={"Fn::GetAtt": ["Queuec", "Arn"]}
        ),
    },
    "a text in a list of booleans, which cfn-lint takes": {
        "Cluster": {"Type": "AWS::MemoryDB::Cluster", "Properties": {"DataTiering": "perhaps", "NodeType": 1}},
    },
    "checks of a type: attributes that no key has": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "A", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "B", "KeyType": "HASH"}],
            },
        },
    },
    "values that depend on parameters": {
        "One": {
            **queue(DelaySeconds={"Fn::If": ["IsOn", {"Ref": "On"}, "1"]}, QueueName={"Ref": "On"}),
            "Condition": "IsOn",
        },
        "Two": queue(
            KmsMasterKeyId={"Fn::Sub": ["${On}-${A}-${AWS::Region}", {"A": {"Fn::Sub": ["${B}${On}", {"B": "b"}]}}]},
            QueueName={"Fn::Select": [{"Ref": "On"}, {"Fn::Split": [",", {"Fn::Sub": ["${A},${On}", {"A": "a"}]}]}]},
            MessageRetentionPeriod={"Fn::Sub": ["${A}${AWS::Region}", {"A": "1"}]},
        ),
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Condition": "IsOn",
            "Properties": {
                "Bucket": {"Fn::Sub": ["${On}${A}", {"A": "_"}]},
                "PolicyDocument": {"Statement": {"Ref": "On"}},
            },
        },
    },
}


def template(resources: dict[str, Any], **sections: Any) -> str:
    return json.dumps(
        {**sections, "Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": resources}, indent=1
    )


def jobs() -> dict[str, dict[str, Any]]:
    """Return what is linted, by name."""
    texts = {name: template(resources) for name, resources in ODD.items()}
    texts |= {f"{name}, transformed": template(item, Transform="AWS::LanguageExtensions") for name, item in ODD.items()}
    real = templates.load(str(ROOT / "lib/TapStack.json"))
    texts |= {mutant.name: json.dumps(applied(real, mutant), indent=1) for mutant in [*mutants(real)][::EVERY]}
    return {name: {"number": 0, "path": "t.json", "regions": REGIONS, "text": text} for name, text in texts.items()}


JOBS = jobs()


def linted(how: str) -> tuple[dict[str, list[Any]], list[str]]:
    """Return what is found in each job, and the names of the replacements that were made."""
    command = [sys.executable, str(ROOT / "tests/support/linted.py"), how]
    seeded = {**os.environ, "PYTHONHASHSEED": "0"}
    jobs = json.dumps([*JOBS.values()])
    run = subprocess.run(command, input=jobs, capture_output=True, text=True, check=True, env=seeded, cwd=ROOT)
    answer = json.loads(run.stdout)
    return dict(zip(JOBS, answer["found"], strict=True)), answer["speedups"]


@pytest.fixture(scope="module")
def alone() -> dict[str, list[Any]]:
    found, applied = linted("alone")
    assert applied == []
    return found


@pytest.fixture(scope="module")
def spared() -> dict[str, list[Any]]:
    found, applied = linted("spared")
    if not applied:
        pytest.skip(f"nothing of cfn-lint {__version__} is replaced: there is nothing to compare")
    return found


@pytest.mark.parametrize("name", JOBS)
def test_the_same_is_found(name: str, alone: dict[str, list[Any]], spared: dict[str, list[Any]]) -> None:
    assert spared[name] == alone[name]


@pytest.mark.parametrize("name", ODD)
def test_there_is_something_to_find(name: str, alone: dict[str, list[Any]]) -> None:
    assert alone[name] != []


ASKED = """
import json, cfnlint.conditions.conditions as c
import stackproof.lint.worker as worker
{change}
print(json.dumps(sorted(worker.Linter().speedups)))
"""
NAMES = sorted(speedup.name for speedup in speedups())


def applied_after(change: str) -> list[str]:
    """Return the names of the replacements made in a process that first changes cfn-lint."""
    command = [sys.executable, "-c", ASKED.format(change=change)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT / "tools")
    return list(json.loads(run.stdout))


def test_every_replacement_applies_to_the_version_that_is_installed_here() -> None:
    """Where this fails: read what changed in those functions of cfn-lint, then write their new hash into patches."""
    assert applied_after("") == NAMES


def test_a_function_with_another_source_switches_off_its_replacement_alone() -> None:
    other = "c.Conditions.satisfiable = json.dumps"
    assert applied_after(other) == [name for name in NAMES if name != "conditions"]


def test_a_function_that_is_gone_switches_off_its_replacement_alone() -> None:
    assert applied_after("del c.Conditions.satisfiable") == [name for name in NAMES if name != "conditions"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    {
        "to the next one beside it": (["def a():\n", "    x\n", "\n", "def b():\n"], "def a():\n    x"),
        "with decorators and a long signature": (
            ["    @c\n", "    def a(\n", "        x\n", "    ):\n", "        y\n", "    z = 1\n"],
            "    def a(\n        x\n    ):\n        y",
        ),
        "none": (["x = 1\n"], ""),
    }.values(),
)
def test_the_source_of_a_function_goes_to_the_next_statement_beside_it(lines: list[str], expected: str) -> None:
    assert block(lines) == expected
