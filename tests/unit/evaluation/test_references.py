"""References in a resolved stack."""

from typing import Any

import pytest
from worlds import document, scenario

from stackproof.evaluation.stack import resolve


def output(value: Any, resources: dict[str, Any], region: str = "us-east-1") -> Any:
    sections = {"Resources": resources, "Outputs": {"It": {"Value": value}}}
    return resolve(document(sections), scenario(region)).value["Outputs"]["It"]["Value"]


def item(kind: str, **properties: Any) -> dict[str, Any]:
    return {"R": {"Type": kind, "Properties": properties}}


EVENTS = "arn:aws:events:us-east-1:444444444444"


@pytest.mark.parametrize(
    ("resources", "attribute", "text"),
    [
        (item("AWS::S3::Bucket", BucketName="b"), "Arn", "arn:aws:s3:::b"),
        (item("AWS::S3::Bucket", BucketName="b"), "DomainName", "b.s3.amazonaws.com"),
        (item("AWS::S3::Bucket", BucketName="b"), "RegionalDomainName", "b.s3.us-east-1.amazonaws.com"),
        (item("AWS::S3::Bucket"), "Arn", "arn:aws:s3:::{{R@us-east-1}}"),
        (item("AWS::IAM::Role", RoleName="r"), "Arn", "arn:aws:iam::444444444444:role/r"),
        (item("AWS::IAM::Role", RoleName="r", Path="/p/"), "Arn", "arn:aws:iam::444444444444:role/p/r"),
        (item("AWS::SQS::Queue", QueueName="q"), "", "https://sqs.us-east-1.amazonaws.com/444444444444/q"),
        (item("AWS::SNS::Topic", TopicName="t"), "", "arn:aws:sns:us-east-1:444444444444:t"),
        (item("AWS::SNS::Subscription", TopicArn="arn:t"), "", "arn:t:{{R@us-east-1}}"),
        (item("AWS::Logs::LogGroup", LogGroupName="/l"), "Arn", "arn:aws:logs:us-east-1:444444444444:log-group:/l:*"),
        (item("AWS::KMS::Key"), "Arn", "arn:aws:kms:us-east-1:444444444444:key/{{R@us-east-1}}"),
        (item("AWS::EC2::EIP"), "AllocationId", "{{R.AllocationId@us-east-1}}"),
        (item("AWS::Events::Rule", Name="e"), "Arn", "arn:aws:events:us-east-1:444444444444:rule/e"),
        (item("AWS::Events::Rule", Name="e", EventBusName="b"), "", "{{R@us-east-1}}"),
        (item("AWS::Events::Rule", Name="e", EventBusName="b"), "Arn", f"{EVENTS}:rule/b/e"),
        (item("AWS::Events::Rule", Name="e", EventBusName="default"), "Arn", f"{EVENTS}:rule/e"),
        (item("AWS::Events::Rule", Name="e", EventBusName=f"{EVENTS}:event-bus/b"), "Arn", f"{EVENTS}:rule/b/e"),
        (item("AWS::DynamoDB::Table", TableName="t"), "Arn", "arn:aws:dynamodb:us-east-1:444444444444:table/t"),
        (item("AWS::DynamoDB::Table", TableName="t"), "StreamArn",
         "arn:aws:dynamodb:us-east-1:444444444444:table/t/stream/{{R.StreamLabel@us-east-1}}"),
        (item("AWS::SSM::Parameter", Name="/p", Type="String", Value=1), "Value", "1"),
        (item("Custom::Anything"), "Answer.Deep", "{{R.Answer.Deep@us-east-1}}"),
        (item("AWS::S3::Bucket", BucketName={"Ref": "AWS::NoValue"}), "", "{{R@us-east-1}}"),
    ],
    ids=str,
)  # fmt: skip
def test_a_reference_is_what_cloudformation_forms(resources: dict[str, Any], attribute: str, text: str) -> None:
    assert output({"Fn::GetAtt": ["R", attribute]} if attribute else {"Ref": "R"}, resources) == text


def test_what_a_name_refers_to_is_needed_by_its_own_resource_only() -> None:
    topics = {
        "T": {"Type": "AWS::SNS::Topic"},
        "S": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "T"}}},
        "U": {"Type": "AWS::SNS::Topic"},
        "It": {"Type": "AWS::S3::Bucket", "Properties": {"A": {"Ref": "S"}, "B": {"Ref": "U"}}},
    }
    depends = resolve(document({"Resources": dict(reversed(topics.items()))}), scenario()).depends
    assert [sorted(depends[name]) for name in ("It", "S")] == [["S", "U"], ["T"]]


def test_an_arn_has_the_partition_of_its_region() -> None:
    assert (
        output({"Fn::GetAtt": ["R", "Arn"]}, item("AWS::S3::Bucket", BucketName="b"), "cn-north-1")
        == "arn:aws-cn:s3:::b"
    )


def test_a_name_may_come_from_another_resource() -> None:
    resources = item("AWS::S3::Bucket", BucketName={"Fn::Sub": "${T}-x"}) | {
        "T": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "t"}}
    }
    assert output({"Ref": "R"}, resources) == "t-x"
