"""What CloudFormation needs for small stacks: actions, ARNs, conditions, and what is not granted or not known."""

from collections.abc import Mapping
from typing import Any

import pytest
from worlds import document, scenario

from stackproof.evaluation.stack import Stack, resolve
from stackproof.permissions.handlers import OPERATIONS, Operation
from stackproof.permissions.required import LeftOut, Required, Unknown, of_stack

HERE = "us-east-1:444444444444"
STATEMENT = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def stack(resources: Mapping[str, Any], **sections: Any) -> Stack:
    return resolve(document({**sections, "Resources": resources}), scenario())


def needed(found: Stack, *operations: Operation) -> set[tuple[str, str]]:
    every = of_stack(found, operations or OPERATIONS)
    return {(item.action, item.resource) for item in every if isinstance(item, Required)}


def on(found: Stack, action: str, *operations: Operation) -> set[str]:
    return {resource for name, resource in needed(found, *operations) if name == action}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def role(service: str) -> dict[str, Any]:
    trusting = {"Statement": [{**STATEMENT, "Principal": {"Service": service}}]}
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=trusting)


TABLE = resource("AWS::DynamoDB::Table", TableName="orders", KeySchema=[])


@pytest.mark.parametrize(
    ("resources", "action", "arns"),
    [
        ({"T": TABLE}, "dynamodb:CreateTable", {f"arn:aws:dynamodb:{HERE}:table/orders"}),
        (
            {"T": resource("AWS::DynamoDB::Table")},
            "dynamodb:CreateTable",
            {f"arn:aws:dynamodb:{HERE}:table/teststack-T-*"},
        ),
        ({"B": resource("AWS::S3::Bucket")}, "s3:CreateBucket", {"arn:aws:s3:::teststack-b-*"}),
        ({"V": resource("AWS::EC2::VPC")}, "ec2:CreateVpc", {f"arn:aws:ec2:{HERE}:vpc/*"}),
        ({"V": resource("AWS::EC2::VPC")}, "ec2:DescribeVpcs", {"*"}),
        (
            {"V": resource("AWS::EC2::VPC"), "S": resource("AWS::EC2::Subnet", VpcId={"Ref": "V"})},
            "ec2:CreateSubnet",
            {f"arn:aws:ec2:{HERE}:subnet/*", f"arn:aws:ec2:{HERE}:vpc/*"},
        ),
        (
            {"G": resource("AWS::DynamoDB::GlobalTable", TableName="t", Replicas=[{"Region": "eu-west-1"}])},
            "dynamodb:CreateTableReplica",
            {f"arn:aws:dynamodb:{HERE}:table/t", "arn:aws:dynamodb:eu-west-1:444444444444:table/t"},
        ),
        (
            {"L": resource("AWS::Logs::LogGroup", LogGroupName="/a/b")},
            "logs:CreateLogGroup",
            {f"arn:aws:logs:{HERE}:log-group:/a/b", f"arn:aws:logs:{HERE}:log-group:/a/b:*"},
        ),
        (
            {
                "P": resource("AWS::S3::BucketPolicy", Bucket={"Ref": "B"}),
                "B": resource("AWS::S3::Bucket", BucketName="b"),
            },
            "s3:PutBucketPolicy",
            {"arn:aws:s3:::b"},
        ),
        (
            {"H": resource("AWS::Route53::HealthCheck", HealthCheckTags=[])},
            "route53:ChangeTagsForResource",
            {"arn:aws:route53:::healthcheck/*"},
        ),
        ({"E": resource("AWS::EC2::EIP")}, "ec2:ReleaseAddress", {f"arn:aws:ec2:{HERE}:elastic-ip/*"}),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_an_action_is_on_the_arns_that_the_stack_forms(resources: dict[str, Any], action: str, arns: set[str]) -> None:
    assert on(stack(resources), action) == arns


def test_a_long_made_up_name_counts_by_its_beginning() -> None:
    long = "A" * 60
    assert on(stack({long: role("ec2.amazonaws.com")}), "iam:CreateRole") == {
        "arn:aws:iam::444444444444:role/teststack*"
    }


@pytest.mark.parametrize(
    ("operation", "has", "lacks"),
    [
        ("create", {"dynamodb:CreateTable", "dynamodb:DescribeTable"}, {"dynamodb:DeleteTable"}),
        ("update", {"dynamodb:UpdateTable", "dynamodb:ListTagsOfResource"}, {"dynamodb:DeleteTable"}),
        ("delete", {"dynamodb:DeleteTable"}, {"dynamodb:UpdateTable", "dynamodb:ListTagsOfResource"}),
    ],
)
def test_only_the_operations_asked_for_are_allowed(operation: Operation, has: set[str], lacks: set[str]) -> None:
    names = {name for name, _ in needed(stack({"T": TABLE}), operation)}
    assert (has <= names, lacks & names) == (True, set())


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, set()),
        ({"KmsKeyId": {"Fn::GetAtt": ["K", "Arn"]}}, {f"arn:aws:kms:{HERE}:key/*"}),
        ({"KmsKeyId": f"arn:aws:kms:{HERE}:key/1"}, {f"arn:aws:kms:{HERE}:key/1"}),
    ],
    ids=["AWS's own key", "the stack's key", "another key"],
)
def test_a_key_is_used_only_where_the_resource_names_one(properties: dict[str, Any], expected: set[str]) -> None:
    key = {"K": resource("AWS::KMS::Key", KeyPolicy={})} if "Fn::GetAtt" in str(properties) else {}
    vault = resource("AWS::Backup::BackupVault", BackupVaultName="v", EncryptionKeyArn=properties.get("KmsKeyId", ""))
    assert on(stack({**key, "V": vault}), "kms:CreateGrant") == expected


def conditions(found: Stack, action: str) -> set[tuple[str, Any]]:
    return {
        (item.resource, item.conditions)
        for item in of_stack(found, OPERATIONS)
        if isinstance(item, Required) and item.action == action
    }


def test_a_role_is_passed_to_the_service_that_its_resource_hands_it_to() -> None:
    code = {"ZipFile": "x"}
    function = resource("AWS::Lambda::Function", Role={"Fn::GetAtt": ["R", "Arn"]}, Code=code)
    found = stack({"R": role("lambda.amazonaws.com"), "F": function})
    assert conditions(found, "iam:PassRole") == {
        ("arn:aws:iam::444444444444:role/teststack-R-*", (("iam:PassedToService", ("lambda.amazonaws.com",)),))
    }


def test_a_role_of_another_stack_is_passed_by_its_arn() -> None:
    own = "arn:aws:iam::444444444444:role/other"
    found = stack({"F": resource("AWS::Lambda::Function", Role=own, Code={"ZipFile": "x"})})
    assert conditions(found, "iam:PassRole") == {(own, (("iam:PassedToService", ("lambda.amazonaws.com",)),))}


def test_where_a_type_is_not_known_to_the_trust_names_the_services() -> None:
    found = stack(
        {"R": role("x.amazonaws.com"), "A": resource("AWS::AppRunner::Service", It={"Fn::GetAtt": ["R", "Arn"]})}
    )
    assert {condition for _, condition in conditions(found, "iam:PassRole")} == {
        (("iam:PassedToService", ("x.amazonaws.com",)),)
    }


def test_a_role_that_nothing_hands_over_is_not_passed() -> None:
    assert conditions(stack({"R": role("lambda.amazonaws.com")}), "iam:PassRole") == set()


def test_a_service_linked_role_is_made_for_the_service_alone() -> None:
    found = stack({"P": resource("AWS::Backup::RestoreTestingPlan", RestoreTestingPlanName="p")})
    service = "restore-testing.backup.amazonaws.com"
    assert conditions(found, "iam:CreateServiceLinkedRole") == {
        (f"arn:aws:iam::444444444444:role/aws-service-role/{service}/*", (("iam:AWSServiceName", (service,)),))
    }


@pytest.mark.parametrize(
    ("token", "action"),
    [
        (f"arn:aws:lambda:{HERE}:function:f", "lambda:InvokeFunction"),
        (f"arn:aws:sns:{HERE}:t", "sns:Publish"),
    ],
)
def test_the_token_of_a_custom_resource_is_called(token: str, action: str) -> None:
    assert needed(stack({"C": resource("Custom::It", ServiceToken=token)})) == {(action, token)}


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("/my/image", f"arn:aws:ssm:{HERE}:parameter/my/image"),
        ("/aws/service/ami/x", "arn:aws:ssm:us-east-1::parameter/aws/service/ami/x"),
    ],
)
def test_parameters_of_systems_manager_are_read(name: str, arn: str) -> None:
    declared = {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}}
    queue = resource("AWS::SQS::Queue", QueueName="q")
    assert on(stack({"Q": queue}, Parameters=declared), "ssm:GetParameters") == {arn}


@pytest.mark.parametrize(
    ("reference", "action", "arn"),
    [
        ("{{resolve:ssm:/a/b:1}}", "ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/a/b"),
        ("{{resolve:ssm-secure:/a/b}}", "ssm:GetParameters", f"arn:aws:ssm:{HERE}:parameter/a/b"),
        (
            "{{resolve:secretsmanager:db:SecretString:password}}",
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:{HERE}:secret:db-??????",
        ),
    ],
)
def test_what_dynamic_references_name_is_read(reference: str, action: str, arn: str) -> None:
    assert on(stack({"T": resource("AWS::SNS::Topic", DisplayName=reference)}), action) == {arn}


def test_what_is_only_called_for_a_property_is_left_out_without_it() -> None:
    with_rules = resource("AWS::S3::Bucket", BucketName="b", LifecycleConfiguration={"Rules": []})
    bare = resource("AWS::S3::Bucket", BucketName="b")
    assert on(stack({"B": with_rules}), "s3:PutLifecycleConfiguration") == {"arn:aws:s3:::b"}
    left = {item for item in of_stack(stack({"B": bare}), OPERATIONS) if isinstance(item, LeftOut)}
    assert LeftOut("AWS::S3::Bucket", "s3:PutLifecycleConfiguration", "only with LifecycleConfiguration") in left


def test_a_type_whose_schema_lists_no_handlers_is_not_known() -> None:
    found = [*of_stack(stack({"P": resource("AWS::CodeBuild::Project")}), OPERATIONS)]
    assert found == [Unknown("P", "AWS::CodeBuild::Project")]


def test_a_bucket_must_be_of_the_account() -> None:
    own = (("aws:ResourceAccount", ("444444444444",)),)
    assert {condition for _, condition in conditions(stack({"B": resource("AWS::S3::Bucket")}), "s3:CreateBucket")} == {
        own
    }
