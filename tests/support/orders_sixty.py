"""A template as a team of its own writes one: sixty resources of an order service in two regions."""

from __future__ import annotations

from typing import Any

TABLES = ("orders", "customers", "invoices", "parcels", "returns", "stock", "prices", "carts", "coupons", "reviews")
STEPS = ("intake", "pricing", "packing", "shipping", "billing", "refunds")

CODE = """\
import json
import boto3

QUEUE = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        print(json.dumps(record["body"]))
"""


def template(*, wrong: bool = True) -> dict[str, Any]:
    """Return the template; unless `wrong`, without its three faults."""
    resources: dict[str, Any] = {"Key": _key(), "Alias": _alias()}
    for name in TABLES:
        resources[f"{name.capitalize()}Table"] = _table(name)
    for name in STEPS:
        resources |= _step(name)
    resources |= _storage()
    resources["Alarms"] = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"TopicName": {"Fn::Sub": "order-alarms-${Stage}"}, "KmsMasterKeyId": {"Ref": "Key"}},
    }
    alarms = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": "Alarms"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    plain = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sns:Publish",
        "Resource": {"Ref": "Alarms"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    resources["AlarmsPolicy"] = {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "Alarms"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [alarms, plain]},
        },
    }
    if wrong:
        # A bucket's name without the region: the second stack cannot create it.
        resources["ArchiveBucket"]["Properties"]["BucketName"] = {"Fn::Sub": "order-archive-${Stage}"}
        # Days that S3 does not take: infrequent access comes after thirty.
        rule = resources["ExportBucket"]["Properties"]["LifecycleConfiguration"]["Rules"][0]
        rule["Transitions"][0]["TransitionInDays"] = 7
        # A name that the code does not define.
        code = resources["PackingFunction"]["Properties"]["Code"]
        code["ZipFile"] = CODE.replace('record["body"]', 'rekord["body"]')
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Orders in two regions",
        "Parameters": {"Stage": {"Type": "String", "AllowedPattern": "[a-z]{3,10}"}},
        "Resources": resources,
    }


def _key() -> dict[str, Any]:
    account = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    allow = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"}
    alarms = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [allow, alarms]}
    return {
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"EnableKeyRotation": True, "KeyPolicy": policy},
    }


def _alias() -> dict[str, Any]:
    name = {"Fn::Sub": "alias/orders-${Stage}"}
    return {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": name, "TargetKeyId": {"Ref": "Key"}}}


def _table(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "TableName": {"Fn::Sub": f"{name}-${{Stage}}"},
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "SSESpecification": {"SSEEnabled": True},
        },
    }


def _step(name: str) -> dict[str, Any]:
    """Return a step: its queue with a dead-letter queue, a function with role, mapping, log group, and an alarm."""
    step = name.capitalize()
    logs = f"/aws/lambda/order-{name}-${{Stage}}"
    read = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    statements = [
        {"Effect": "Allow", "Action": read, "Resource": {"Fn::GetAtt": [f"{step}Queue", "Arn"]}},
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": {"Fn::GetAtt": [f"{step}Logs", "Arn"]},
        },
    ]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        f"{step}DeadLetters": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": True},
        },
        f"{step}Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "VisibilityTimeout": 180,
                "SqsManagedSseEnabled": True,
                "RedrivePolicy": {
                    "deadLetterTargetArn": {"Fn::GetAtt": [f"{step}DeadLetters", "Arn"]},
                    "maxReceiveCount": 5,
                },
            },
        },
        f"{step}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": {"Fn::Sub": logs}, "RetentionInDays": 30},
        },
        f"{step}Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {"PolicyName": "step", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
                ],
            },
        },
        f"{step}Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": {"Fn::Sub": f"order-{name}-${{Stage}}"},
                "Runtime": "python3.12",
                "Handler": "index.handler",
                "Timeout": 30,
                "Role": {"Fn::GetAtt": [f"{step}Role", "Arn"]},
                "Code": {"ZipFile": CODE},
                "LoggingConfig": {"LogGroup": {"Ref": f"{step}Logs"}},
            },
        },
        f"{step}Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": [f"{step}Queue", "Arn"]},
                "FunctionName": {"Ref": f"{step}Function"},
            },
        },
        f"{step}Late": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": f"messages of {name} wait for more than ten minutes",
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [f"{step}Queue", "QueueName"]}}],
                "Statistic": "Maximum",
                "Period": 60,
                "EvaluationPeriods": 5,
                "Threshold": 600,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [{"Ref": "Alarms"}],
            },
        },
    }


def _storage() -> dict[str, Any]:
    """Return two buckets, each with a policy that denies requests without TLS."""
    resources: dict[str, Any] = {}
    for name in ("Archive", "Export"):
        bucket = f"{name}Bucket"
        arn = {"Fn::GetAtt": [bucket, "Arn"]}
        resources[bucket] = {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "BucketName": {"Fn::Sub": f"order-{name.lower()}-${{Stage}}-${{AWS::Region}}"},
                "VersioningConfiguration": {"Status": "Enabled"},
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "PublicAccessBlockConfiguration": dict.fromkeys(
                    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
                ),
                "LifecycleConfiguration": {
                    "Rules": [
                        {
                            "Id": "cold",
                            "Status": "Enabled",
                            "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}],
                            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        }
                    ]
                },
            },
        }
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        resources[f"{name}Policy"] = {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": bucket},
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [deny]},
            },
        }
    return resources
