"""Which resource of a stack a value refers to, and for which resources another one waits."""

import pytest
from stacks import ACCOUNT, arn, ref, resource, stack

from stackproof.foundation.values import is_true, number
from stackproof.topology.resource_index import (
    arns,
    created_arn,
    created_names,
    resource_of,
    resources_by_name,
    resources_of,
    stated_names,
    waits_for,
)


def test_a_resource_is_named_by_its_ref_and_its_arn() -> None:
    known = resources_by_name(
        stack({"B": resource("S3::Bucket", BucketName="b"), "V": resource("EC2::VPC")}), "AWS::S3::Bucket"
    )
    assert {text: known[text] for text in ("b", "arn:aws:s3:::b")} == {"b": "B", "arn:aws:s3:::b": "B"}
    assert "{{V@us-east-1}}" not in known


def test_what_an_attribute_tells_of_something_else_is_no_name() -> None:
    item = stack({"V": resource("EC2::VPC"), "S": resource("EC2::Subnet", VpcId=ref("V"), CidrBlock="10.0.0.0/24")})
    assert resources_by_name(item, "AWS::EC2::Subnet") == {"{{S@us-east-1}}": "S"}


def test_a_global_table_has_an_arn_in_the_region_of_each_replica() -> None:
    table = resource(
        "DynamoDB::GlobalTable", TableName="t", Replicas=[{"Region": "us-east-1"}, {"Region": "eu-west-1"}]
    )
    expected = [f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/t" for region in ("us-east-1", "eu-west-1")]
    assert set(expected) <= set(arns(stack({"T": table}), "T"))


def test_all_that_a_stack_creates_is_known_together() -> None:
    item = stack({"B": resource("S3::Bucket", BucketName="b"), "V": resource("EC2::VPC")})
    assert {"b", "arn:aws:s3:::b", "{{V@us-east-1}}"} <= created_names(item).keys()


def test_a_resource_waits_for_what_it_refers_to_and_depends_on_at_any_remove() -> None:
    last = {**resource("EC2::NatGateway", SubnetId=ref("S")), "DependsOn": "E"}
    item = stack(
        {"V": resource("EC2::VPC"), "S": resource("EC2::Subnet", VpcId=ref("V")), "E": resource("EC2::EIP"), "N": last}
    )
    assert waits_for(item, "N") == {"S", "V", "E"}
    assert waits_for(item, "V") == frozenset()


@pytest.mark.parametrize(("value", "read"), [({"N": 5}, 5), ({"N": "5"}, 5), ({}, 7)])
def test_a_number_may_be_written_as_text_or_be_left_out(value: dict[str, object], read: float) -> None:
    assert number(value, "N", 7) == read


@pytest.mark.parametrize(("value", "read"), [(True, True), ("true", True), (False, False), (None, False)])
def test_true_may_be_written_as_text(value: object, read: bool) -> None:
    assert is_true(value) is read


HERE = f"us-east-1:{ACCOUNT}"
FUNCTION = resource("Lambda::Function", FunctionName="shared")
VALUES = {
    "a parameter's value that is a function's ARN": (
        resource("SSM::Parameter", Name="/x", Type="String", Value=arn("F")),
        f"arn:aws:lambda:{HERE}:function:shared",
    ),
    "a parameter's value that is a function's name": (
        resource("SSM::Parameter", Name="/x", Type="String", Value=ref("F")),
        "shared",
    ),
    "an alias's target": (
        resource("KMS::Alias", AliasName="alias/x", TargetKeyId=arn("F")),
        f"arn:aws:lambda:{HERE}:function:shared",
    ),
    "a topic's subscription": (
        resource("SNS::Subscription", Protocol="lambda", TopicArn=f"arn:aws:sns:{HERE}:t", Endpoint=arn("F")),
        f"arn:aws:lambda:{HERE}:function:shared",
    ),
}


@pytest.mark.parametrize(("holder", "text"), VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("order", ["holder first", "holder last"])
def test_what_holds_a_text_does_not_take_it_from_what_it_names(
    holder: dict[str, object], text: str, order: str
) -> None:
    resources = {"F": FUNCTION, "H": holder} if order == "holder last" else {"H": holder, "F": FUNCTION}
    assert resources_of(stack(resources), text) == ("F",)


@pytest.mark.parametrize("text", ["10.0.0.0/24", "String", "{{V@us-east-1}}", "us-east-1a"])
def test_a_value_of_an_attribute_names_nothing_of_its_own(text: str) -> None:
    subnet = resource("EC2::Subnet", VpcId="{{V@us-east-1}}", CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a")
    parameter = resource("SSM::Parameter", Name="/x", Type="String", Value="10.0.0.0/24")
    assert resources_of(stack({"S": subnet, "P": parameter}), text) == ()


def test_a_misspelt_arn_in_a_parameter_is_not_created_by_that() -> None:
    value = f"arn:aws:sns:{HERE}:event"
    item = stack({"P": resource("SSM::Parameter", Name="/x", Type="String", Value=value)})
    assert (resource_of(item, value), value in created_names(item)) == (None, False)


SAME = {
    "L": resource("Logs::LogGroup", LogGroupName="shared"),
    "F": FUNCTION,
    "T": resource("DynamoDB::Table", TableName="shared"),
    "B": resource("S3::Bucket", BucketName="shared"),
}


@pytest.mark.parametrize(
    ("kind", "logical"),
    [("Lambda::Function", "F"), ("Logs::LogGroup", "L"), ("S3::Bucket", "B"), ("DynamoDB::Table", "T")],
)
def test_one_name_is_that_of_a_resource_of_each_type(kind: str, logical: str) -> None:
    item = stack(SAME)
    assert resource_of(item, "shared", f"AWS::{kind}") == logical
    assert resources_by_name(item, f"AWS::{kind}")["shared"] == logical


def test_of_a_name_without_a_type_all_are_known_in_the_order_of_the_template() -> None:
    assert resources_of(stack(SAME), "shared") == ("L", "F", "T", "B")


def test_an_arn_is_its_own_resource_even_where_another_is_called_by_it() -> None:
    called = resource("Route53::RecordSet", Name="arn:aws:s3:::shared", Type="A", HostedZoneId="Z")
    for resources in ({"R": called, **SAME}, {**SAME, "R": called}):
        assert resources_of(stack(resources), "arn:aws:s3:::shared") == ("B",)


PARTS = {
    f"arn:aws:lambda:{HERE}:function:shared:live": "F",
    f"arn:aws:lambda:{HERE}:function:shared:*": "F",
    f"arn:aws:lambda:{HERE}:function:shared2": None,
    f"arn:aws:dynamodb:{HERE}:table/shared/index/*": "T",
    f"arn:aws:dynamodb:{HERE}:table/shared/stream/2026-01-01T00:00:00.000": "T",
    f"arn:aws:logs:{HERE}:log-group:shared": "L",
    f"arn:aws:logs:{HERE}:log-group:shared:*": "L",
    f"arn:aws:logs:{HERE}:log-group:shared:log-stream:s": "L",
    f"arn:aws:logs:{HERE}:log-group:shared/other:*": None,
    "arn:aws:s3:::shared/a/b": "B",
    f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/shared": None,
}


@pytest.mark.parametrize(("text", "logical"), PARTS.items(), ids=PARTS)
def test_a_part_of_a_resource_is_of_the_resource_and_a_longer_name_is_not(text: str, logical: str | None) -> None:
    assert resource_of(stack(SAME), text) == logical


def test_the_replica_of_a_global_table_is_the_tables_with_its_indexes() -> None:
    replicas = [{"Region": "us-east-1"}, {"Region": "eu-west-1"}]
    item = stack({"T": resource("DynamoDB::GlobalTable", TableName="t", Replicas=replicas)})
    text = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
    assert (resource_of(item, text), created_arn(item, f"{text}/index/i")) == ("T", text)


def test_a_role_in_a_path_is_not_the_role_that_is_called_as_the_path_is() -> None:
    item = stack({"R": resource("IAM::Role", RoleName="team"), "S": resource("IAM::Role", RoleName="x", Path="/team/")})
    named = [resource_of(item, f"arn:aws:iam::{ACCOUNT}:role/team{rest}") for rest in ("", "/x", "/y")]
    assert named == ["R", "S", None]


@pytest.mark.parametrize(
    ("attribute", "logical"),
    [("DBInstanceArn", "D"), ("MasterUserSecret.SecretArn", None), ("Endpoint.Address", None), ("StorageType", None)],
)
def test_of_a_type_only_what_its_schema_calls_an_identifier_names_it(attribute: str, logical: str | None) -> None:
    item = stack({"D": resource("RDS::DBInstance", StorageType="gp3")})
    assert resource_of(item, item.evaluator.references.attribute("D", attribute)) == logical


def test_what_goes_on_behind_a_token_is_of_its_resource() -> None:
    item = stack({"K": resource("KMS::Key")})
    assert [resource_of(item, text) for text in ("{{K@us-east-1}}/x", "{{K@us-east-1}}x", "{{K@eu-west-1}}/x")] == [
        "K",
        None,
        None,
    ]


def test_a_parameter_has_an_arn_though_no_attribute_gives_it() -> None:
    item = stack({"P": resource("SSM::Parameter", Name="/app/x", Type="String", Value="v")})
    assert resource_of(item, f"arn:aws:ssm:{HERE}:parameter/app/x") == "P"


def test_names_are_stated_where_no_form_is_known_and_not_where_they_are_of_others() -> None:
    custom = resource("CloudFormation::CustomResource", ServiceToken="t", DBName="orders", FunctionName="f")
    found = stated_names(stack({"C": custom}))
    assert found == {"orders"}
