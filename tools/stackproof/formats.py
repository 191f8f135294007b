"""The names and ARNs that CloudFormation forms for a resource: one row a type, each with its source.

A row's texts may hold: {partition} {region} {account} {suffix} (AWS::URLSuffix), {name} (the name property's value),
{token} (what only AWS knows: the resource's own token), {path} (an IAM path) and {Property} of the resource itself.
Where a resource leaves its name to CloudFormation, {name} is its token.
Source of every row: the page of the type in the CloudFormation Template Reference, "Return values"; of the ARN
formats also the Service Authorization Reference, "Resource types defined by ..." of the service named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Format(NamedTuple):
    """How a type's references are formed: the property that names it, its Ref, and its attributes."""

    name: str = ""
    ref: str = "{token}"
    attributes: Mapping[str, str] = {}
    only_without: str = ""


def _arn(service: str, resource: str, region: str = "{region}", account: str = "{account}") -> str:
    return f"arn:{{partition}}:{service}:{region}:{account}:{resource}"


FORMATS: Mapping[str, Format] = {
    # Service Authorization Reference: Amazon S3
    "AWS::S3::Bucket": Format(
        "BucketName",
        "{name}",
        {
            "Arn": _arn("s3", "{name}", "", ""),
            "DomainName": "{name}.s3.{suffix}",
            "RegionalDomainName": "{name}.s3.{region}.{suffix}",
            "DualStackDomainName": "{name}.s3.dualstack.{region}.{suffix}",
        },
    ),
    # Service Authorization Reference: Amazon DynamoDB
    "AWS::DynamoDB::GlobalTable": Format("TableName", "{name}", {"Arn": _arn("dynamodb", "table/{name}")}),
    "AWS::DynamoDB::Table": Format("TableName", "{name}", {"Arn": _arn("dynamodb", "table/{name}")}),
    # Service Authorization Reference: Amazon Kinesis Data Streams
    "AWS::Kinesis::Stream": Format("Name", "{name}", {"Arn": _arn("kinesis", "stream/{name}")}),
    # Service Authorization Reference: AWS Lambda
    "AWS::Lambda::Function": Format("FunctionName", "{name}", {"Arn": _arn("lambda", "function:{name}")}),
    "AWS::Lambda::EventSourceMapping": Format(
        attributes={
            "EventSourceMappingArn": _arn("lambda", "event-source-mapping:{token}"),
            "Id": "{token}",
        }
    ),
    # Service Authorization Reference: AWS Identity and Access Management
    "AWS::IAM::Role": Format("RoleName", "{name}", {"Arn": _arn("iam", "role{path}{name}", "")}),
    "AWS::IAM::ManagedPolicy": Format("ManagedPolicyName", _arn("iam", "policy{path}{name}", "")),
    # Service Authorization Reference: Amazon CloudWatch Logs (the Arn of a log group ends in :*)
    "AWS::Logs::LogGroup": Format("LogGroupName", "{name}", {"Arn": _arn("logs", "log-group:{name}:*")}),
    # Service Authorization Reference: AWS Systems Manager
    "AWS::SSM::Parameter": Format("Name", "{name}", {"Type": "{Type}", "Value": "{Value}"}),
    # Service Authorization Reference: AWS Key Management Service
    "AWS::KMS::Key": Format(attributes={"Arn": _arn("kms", "key/{token}"), "KeyId": "{token}"}),
    "AWS::KMS::Alias": Format("AliasName", "{name}"),
    # Service Authorization Reference: Amazon SNS
    "AWS::SNS::Topic": Format(
        "TopicName",
        _arn("sns", "{name}"),
        {"TopicArn": _arn("sns", "{name}"), "TopicName": "{name}"},
    ),
    # Service Authorization Reference: Amazon SQS
    "AWS::SQS::Queue": Format(
        "QueueName",
        "https://sqs.{region}.{suffix}/{account}/{name}",
        {
            "Arn": _arn("sqs", "{name}"),
            "QueueName": "{name}",
            "QueueUrl": "https://sqs.{region}.{suffix}/{account}/{name}",
        },
    ),
    # Service Authorization Reference: Amazon EC2
    "AWS::EC2::VPC": Format(attributes={"VpcId": "{token}", "CidrBlock": "{CidrBlock}"}),
    "AWS::EC2::Subnet": Format(
        attributes={
            "SubnetId": "{token}",
            "AvailabilityZone": "{AvailabilityZone}",
            "CidrBlock": "{CidrBlock}",
            "VpcId": "{VpcId}",
        }
    ),
    "AWS::EC2::InternetGateway": Format(attributes={"InternetGatewayId": "{token}"}),
    "AWS::EC2::RouteTable": Format(attributes={"RouteTableId": "{token}"}),
    "AWS::EC2::NatGateway": Format(attributes={"NatGatewayId": "{token}"}),
    "AWS::EC2::VPCEndpoint": Format(attributes={"Id": "{token}"}),
    "AWS::EC2::VPCPeeringConnection": Format(attributes={"Id": "{token}"}),
    "AWS::EC2::SecurityGroup": Format(attributes={"GroupId": "{token}", "Id": "{token}", "VpcId": "{VpcId}"}),
    # Service Authorization Reference: Amazon CloudWatch
    "AWS::CloudWatch::Alarm": Format("AlarmName", "{name}", {"Arn": _arn("cloudwatch", "alarm:{name}")}),
    "AWS::CloudWatch::Dashboard": Format("DashboardName", "{name}"),
    # Service Authorization Reference: Amazon Route 53
    "AWS::Route53::HealthCheck": Format(attributes={"HealthCheckId": "{token}"}),
    "AWS::Route53::RecordSet": Format("Name", "{name}"),
    # Service Authorization Reference: Amazon EventBridge (default bus)
    "AWS::Events::Rule": Format("Name", "{name}", {"Arn": _arn("events", "rule/{name}")}),
    # Service Authorization Reference: AWS Backup
    "AWS::Backup::BackupVault": Format(
        "BackupVaultName",
        "{name}",
        {"BackupVaultArn": _arn("backup", "backup-vault:{name}"), "BackupVaultName": "{name}"},
    ),
    "AWS::Backup::BackupPlan": Format(
        attributes={"BackupPlanId": "{token}", "BackupPlanArn": _arn("backup", "backup-plan:{token}")}
    ),
    "AWS::Backup::RestoreTestingPlan": Format(
        "RestoreTestingPlanName",
        "{name}",
        {"RestoreTestingPlanArn": _arn("backup", "restore-testing-plan:{name}-{token}")},
    ),
}
