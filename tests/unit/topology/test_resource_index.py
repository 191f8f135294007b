"""Which resource of a stack a value refers to, and for which resources another one waits."""

import pytest
from stacks import ACCOUNT, ref, resource, stack

from stackproof.foundation.values import is_true, number
from stackproof.topology.resource_index import arns, created_names, resources_by_name, waits_for


def test_a_resource_is_named_by_its_ref_and_its_arn() -> None:
    known = resources_by_name(
        stack({"B": resource("S3::Bucket", BucketName="b"), "V": resource("EC2::VPC")}), "AWS::S3::Bucket"
    )
    assert {text: known[text] for text in ("b", "arn:aws:s3:::b")} == {"b": "B", "arn:aws:s3:::b": "B"}
    assert "{{V@us-east-1}}" not in known


def test_what_an_attribute_tells_of_something_else_is_no_name() -> None:
    one = stack({"V": resource("EC2::VPC"), "S": resource("EC2::Subnet", VpcId=ref("V"), CidrBlock="10.0.0.0/24")})
    assert resources_by_name(one, "AWS::EC2::Subnet") == {"{{S@us-east-1}}": "S"}


def test_a_global_table_has_an_arn_in_the_region_of_each_replica() -> None:
    table = resource(
        "DynamoDB::GlobalTable", TableName="t", Replicas=[{"Region": "us-east-1"}, {"Region": "eu-west-1"}]
    )
    expected = [f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/t" for region in ("us-east-1", "eu-west-1")]
    assert set(expected) <= set(arns(stack({"T": table}), "T"))


def test_all_that_a_stack_creates_is_known_together() -> None:
    one = stack({"B": resource("S3::Bucket", BucketName="b"), "V": resource("EC2::VPC")})
    assert {"b", "arn:aws:s3:::b", "{{V@us-east-1}}"} <= created_names(one).keys()


def test_a_resource_waits_for_what_it_refers_to_and_depends_on_at_any_remove() -> None:
    last = {**resource("EC2::NatGateway", SubnetId=ref("S")), "DependsOn": "E"}
    one = stack(
        {"V": resource("EC2::VPC"), "S": resource("EC2::Subnet", VpcId=ref("V")), "E": resource("EC2::EIP"), "N": last}
    )
    assert waits_for(one, "N") == {"S", "V", "E"}
    assert waits_for(one, "V") == frozenset()


@pytest.mark.parametrize(("value", "read"), [({"N": 5}, 5), ({"N": "5"}, 5), ({}, 7)])
def test_a_number_may_be_written_as_text_or_be_left_out(value: dict[str, object], read: float) -> None:
    assert number(value, "N", 7) == read


@pytest.mark.parametrize(("value", "read"), [(True, True), ("true", True), (False, False), (None, False)])
def test_true_may_be_written_as_text(value: object, read: bool) -> None:
    assert is_true(value) is read
