"""Which attributes types have, beside what cfn-lint says of every type that it knows."""

from collections.abc import Iterator

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from stackproof.aws import attributes
from stackproof.aws.attributes import gettable, has_attribute
from stackproof.aws.schemas import schema

TYPES = [kind for kind in sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")) if schema(kind)]
"""All but those that only a transform knows."""


def names(kind: str) -> Iterator[str]:
    """Give names that may be attributes of a type: properties, what is read-only, what is neither."""
    read_only = schema(kind).get("readOnlyProperties", [])
    yield from (pointer.split("/", 2)[2].replace("/", ".") for pointer in read_only if "*" not in pointer)
    yield from schema(kind)["properties"]
    yield from ("Nothing", "Outputs", "Outputs.Name", "Outputs.")


def known_to_lint(kind: str) -> set[str]:
    known = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).get_atts
    return {name for name in names(kind) if known.get(name) is not None}


def test_of_every_type_those_are_attributes_that_cfn_lint_takes_for_some() -> None:
    different = {
        (kind, name)
        for kind in TYPES
        for name in {name for name in names(kind) if has_attribute(kind, name)} ^ known_to_lint(kind)
    }
    # cfn-lint takes any text behind the dot, where an output's name has letters and digits.
    assert different - {(kind, "Outputs.") for kind in attributes.WITH_OUTPUTS} == {
        # The schema has it as read-only, and the type's page lists it under "Return values".
        ("AWS::CloudFormation::Stack", "StackId"),
    }


@pytest.mark.parametrize("kind", ["Custom::Thing", "AWS::CloudFormation::CustomResource", "Org::Service::Thing"])
def test_of_what_others_make_any_attribute_is_one(kind: str) -> None:
    assert has_attribute(kind, "Any.Thing")


def test_the_nearest_names_come_first_and_not_too_many() -> None:
    assert gettable("AWS::RDS::DBInstance", "Endpoint.Adress")[0] == "Endpoint.Address"
    assert len(gettable("AWS::RDS::DBInstance", "Endpoint.Adress")) == attributes.MOST


def test_names_that_hold_what_was_meant_come_next_and_parts_of_others_last() -> None:
    assert gettable("AWS::RDS::DBInstance", "Arn")[0] == "DBInstanceArn"
    assert [name for name in gettable("AWS::S3::Bucket", "Zzz")[:4] if "." in name] == []


def test_what_cannot_be_got_is_not_offered() -> None:
    assert "Endpoint" not in gettable("AWS::RDS::DBInstance", "Endpoint")


def test_what_stands_in_a_list_is_not_offered() -> None:
    assert [name for name in gettable("AWS::EC2::TransitGatewayConnectPeer", "") if "*" in name] == []
