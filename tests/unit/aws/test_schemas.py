"""The schemas of resource types, read as files."""

from typing import Any

import pytest

from stackproof.aws.schemas import schema, subschema
from stackproof.foundation.finding import Path


def test_a_type_has_a_schema() -> None:
    assert schema("AWS::S3::Bucket")["typeName"] == "AWS::S3::Bucket"


@pytest.mark.parametrize(("kind", "region"), [("Custom::Thing", "us-east-1"), ("AWS::S3::Nothing", "eu-central-1")])
def test_a_type_that_a_region_does_not_have_has_none(kind: str, region: str) -> None:
    assert schema(kind, region) == {}


@pytest.mark.parametrize(
    ("kind", "path", "message"),
    [
        ("AWS::SQS::Queue", ("QueueName",), {"type": "string"}),
        ("AWS::S3::Bucket", ("VersioningConfiguration", "Status"), {"enum": ["Enabled", "Suspended"]}),
        ("AWS::S3::Bucket", ("Tags", 0, "Key"), {"maxLength": 128}),
        ("AWS::S3::Bucket", ("Nothing", 0, "Key"), {}),
        ("Custom::Thing", ("Key",), {}),
    ],
    ids=str,
)
def test_what_a_schema_says_of_a_property_is_found_by_its_path(kind: str, path: Path, message: dict[str, Any]) -> None:
    found = subschema(kind, path)
    assert {key: found[key] for key in message} == message
    assert message or not found


def test_a_type_without_a_path_is_its_whole_schema() -> None:
    assert subschema("AWS::SQS::Queue", ()) == schema("AWS::SQS::Queue")
