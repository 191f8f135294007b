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
    """How a type's references are formed: the property that names it, its Ref, and its attributes.

    What `attributes` leaves out is a token. A resource that has the property `only_without` is formed otherwise, and
    all its references are tokens.
    """

    name: str = ""
    ref: str = "{token}"
    attributes: Mapping[str, str] = {}
    only_without: str = ""


def _arn(service: str, resource: str, region: str = "{region}", account: str = "{account}") -> str:
    return f"arn:{{partition}}:{service}:{region}:{account}:{resource}"


_TABLE = {
    "Arn": _arn("dynamodb", "table/{name}"),
    "StreamArn": _arn("dynamodb", "table/{name}/stream/{StreamLabel}"),
}

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
    "AWS::S3::BucketPolicy": Format(),
    # Service Authorization Reference: Amazon DynamoDB
    "AWS::DynamoDB::GlobalTable": Format("TableName", "{name}", _TABLE),
    "AWS::DynamoDB::Table": Format("TableName", "{name}", _TABLE),
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
    "AWS::Lambda::LayerVersion": Format(
        "LayerName",
        _arn("lambda", "layer:{name}:{token}"),
        {"LayerVersionArn": _arn("lambda", "layer:{name}:{token}")},
    ),
    "AWS::Lambda::Permission": Format(),
    # Service Authorization Reference: AWS Identity and Access Management
    "AWS::IAM::Role": Format("RoleName", "{name}", {"Arn": _arn("iam", "role{path}{name}", "")}),
    "AWS::IAM::User": Format("UserName", "{name}", {"Arn": _arn("iam", "user{path}{name}", "")}),
    "AWS::IAM::Group": Format("GroupName", "{name}", {"Arn": _arn("iam", "group{path}{name}", "")}),
    "AWS::IAM::InstanceProfile": Format(
        "InstanceProfileName", "{name}", {"Arn": _arn("iam", "instance-profile{path}{name}", "")}
    ),
    "AWS::IAM::ManagedPolicy": Format(
        "ManagedPolicyName",
        _arn("iam", "policy{path}{name}", ""),
        {"PolicyArn": _arn("iam", "policy{path}{name}", "")},
    ),
    "AWS::IAM::Policy": Format(attributes={"Id": "{token}"}),
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
    "AWS::SNS::TopicPolicy": Format(attributes={"Id": "{token}"}),
    "AWS::SNS::Subscription": Format("", "{TopicArn}:{token}", {"Arn": "{TopicArn}:{token}"}),
    # Service Authorization Reference: Amazon SQS
    "AWS::SQS::QueuePolicy": Format(attributes={"Id": "{token}"}),
    "AWS::SQS::Queue": Format(
        "QueueName",
        "https://sqs.{region}.{suffix}/{account}/{name}",
        {
            "Arn": _arn("sqs", "{name}"),
            "QueueName": "{name}",
            "QueueUrl": "https://sqs.{region}.{suffix}/{account}/{name}",
        },
    ),
    # Service Authorization Reference: Amazon EC2 (an EIP's Ref is its address)
    "AWS::EC2::EIP": Format(attributes={"PublicIp": "{token}"}),
    "AWS::EC2::Route": Format(),
    "AWS::EC2::SubnetRouteTableAssociation": Format(attributes={"Id": "{token}"}),
    "AWS::EC2::VPCGatewayAttachment": Format(),
    "AWS::EC2::NetworkAcl": Format(attributes={"Id": "{token}"}),
    "AWS::EC2::FlowLog": Format(attributes={"Id": "{token}"}),
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
    "AWS::CloudWatch::CompositeAlarm": Format("AlarmName", "{name}", {"Arn": _arn("cloudwatch", "alarm:{name}")}),
    "AWS::CloudWatch::Dashboard": Format("DashboardName", "{name}"),
    # Service Authorization Reference: Amazon Route 53
    "AWS::Route53::HealthCheck": Format(attributes={"HealthCheckId": "{token}"}),
    "AWS::Route53::HostedZone": Format(attributes={"Id": "{token}"}),
    "AWS::Route53::RecordSet": Format("Name", "{name}"),
    # Service Authorization Reference: Amazon EventBridge (a rule of another bus has the bus in its Ref and ARN)
    "AWS::Events::Rule": Format(
        "Name", "{name}", {"Arn": _arn("events", "rule/{name}"), "RuleName": "{name}"}, only_without="EventBusName"
    ),
    "AWS::Events::EventBus": Format("Name", "{name}", {"Arn": _arn("events", "event-bus/{name}")}),
    # Service Authorization Reference: Amazon EventBridge Scheduler (another group would stand in the ARN)
    "AWS::Scheduler::Schedule": Format(
        "Name", "{name}", {"Arn": _arn("scheduler", "schedule/default/{name}")}, only_without="GroupName"
    ),
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
    "AWS::Backup::BackupSelection": Format(attributes={"Id": "{token}"}),
    "AWS::Backup::RestoreTestingSelection": Format(),
    # The physical id is what the function answers. CloudFormation User Guide, "Custom resource response objects"
    "AWS::CloudFormation::CustomResource": Format(),
    # Service Authorization Reference: AWS Secrets Manager (six letters of its own stand behind the name)
    "AWS::SecretsManager::Secret": Format(
        "Name",
        _arn("secretsmanager", "secret:{name}-{token}"),
        {"Id": _arn("secretsmanager", "secret:{name}-{token}")},
    ),
    # Service Authorization Reference: AWS Step Functions
    "AWS::StepFunctions::StateMachine": Format(
        "StateMachineName",
        _arn("states", "stateMachine:{name}"),
        {"Arn": _arn("states", "stateMachine:{name}"), "Name": "{name}"},
    ),
    # Service Authorization Reference: Amazon Data Firehose; Elastic Container Registry; Elastic Container Service
    "AWS::KinesisFirehose::DeliveryStream": Format(
        "DeliveryStreamName", "{name}", {"Arn": _arn("firehose", "deliverystream/{name}")}
    ),
    "AWS::ECR::Repository": Format("RepositoryName", "{name}", {"Arn": _arn("ecr", "repository/{name}")}),
    "AWS::ECS::Cluster": Format("ClusterName", "{name}", {"Arn": _arn("ecs", "cluster/{name}")}),
    # Service Authorization Reference: AWS CloudTrail; AWS CodeBuild; Amazon Elastic File System
    "AWS::CloudTrail::Trail": Format("TrailName", "{name}", {"Arn": _arn("cloudtrail", "trail/{name}")}),
    "AWS::CodeBuild::Project": Format("Name", "{name}", {"Arn": _arn("codebuild", "project/{name}")}),
    "AWS::EFS::FileSystem": Format(
        attributes={"FileSystemId": "{token}", "Arn": _arn("elasticfilesystem", "file-system/{token}")}
    ),
}
