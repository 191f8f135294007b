"""Templates as people write them: services, each in several forms, under conditions, mappings, loops and transforms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import yaml

SERVICES: dict[str, dict[str, Any]] = {
    "topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "${AWS::StackName}-t"}}},
    "queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": {"Ref": "Number"}}},
    "bucket": {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "Properties": {
            "BucketName": {"Fn::Join": ["-", [{"Ref": "Stage"}, {"Ref": "AWS::AccountId"}, {"Ref": "AWS::Region"}]]}
        },
    },
    "table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    },
    "role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": {"Fn::Sub": "ec2.${AWS::URLSuffix}"}},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        },
    },
    "vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Block"}, "EnableDnsSupport": "true"}},
    "log group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 14}},
    "alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": {"Ref": "Number"},
            "ComparisonOperator": "GreaterThanThreshold",
        },
    },
    "key": {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
                    "Action": "kms:*",
                    "Resource": "*",
                },
            }
        },
    },
    "instance": {
        "Type": "AWS::EC2::Instance",
        "CreationPolicy": {"ResourceSignal": {"Timeout": "PT5M"}},
        "Properties": {
            "ImageId": {"Ref": "Image"},
            "InstanceType": "t3.micro",
            "AvailabilityZone": {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
            "UserData": {"Fn::Base64": {"Fn::Sub": "#!/bin/bash\necho ${AWS::Region} ${!HOME}\n"}},
        },
    },
    "secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"PasswordLength": 32}}},
    "custom": {
        "Type": "Custom::Thing",
        "Properties": {"ServiceToken": {"Fn::ImportValue": {"Fn::Sub": "${Stage}-provider"}}, "List": {"Ref": "Names"}},
    },
}
PARAMETERS: dict[str, Any] = {
    "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]},
    "Number": {"Type": "Number", "Default": 30, "MinValue": 1},
    "Block": {"Type": "String", "Default": "10.0.0.0/16"},
    "Names": {"Type": "CommaDelimitedList", "Default": "alpha, beta"},
    "Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/aws/service/ami/latest"},
}
Shape = Callable[[dict[str, Any]], dict[str, Any]]


def plain(resource: dict[str, Any]) -> dict[str, Any]:
    outputs = {"Out": {"Value": {"Ref": "Main"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-out"}}}}
    return {"Resources": {"Main": resource}, "Outputs": outputs}


def conditional(resource: dict[str, Any]) -> dict[str, Any]:
    second: dict[str, Any] = {
        "Type": "AWS::SSM::Parameter",
        "Condition": "Prod",
        "Properties": {
            "Type": "String",
            "Value": {"Ref": "Main"},
            "Tags": {"Fn::If": ["Prod", {"stage": "p"}, {"Ref": "AWS::NoValue"}]},
        },
    }
    return {
        "Conditions": {
            "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "Here": {"Fn::And": [{"Condition": "Prod"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}]}]},
        },
        "Resources": {"Main": resource, "Second": second},
        "Outputs": {"Out": {"Condition": "Here", "Value": {"Fn::GetAtt": ["Second", "Value"]}}},
    }


def mapped(resource: dict[str, Any]) -> dict[str, Any]:
    value = {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Size"]}
    second = {"Type": "AWS::SSM::Parameter", "DependsOn": ["Main"], "Properties": {"Type": "String", "Value": value}}
    sizes = {"us-east-1": {"Size": "small"}, "eu-central-1": {"Size": "large"}}
    return {"Mappings": {"ByRegion": sizes}, "Resources": {"Main": resource, "Second": second}}


def asserted(resource: dict[str, Any]) -> dict[str, Any]:
    assertion = {"Assert": {"Fn::Contains": [["dev", "prod"], {"Ref": "Stage"}]}, "AssertDescription": "a known stage"}
    rule = {"RuleCondition": {"Fn::Equals": [{"Ref": "Number"}, "30"]}, "Assertions": [assertion]}
    return {"Rules": {"Known": rule}, "Resources": {"Main": resource}}


def dynamic(resource: dict[str, Any]) -> dict[str, Any]:
    text = "{{resolve:secretsmanager:${Secret}:SecretString:password}}"
    second = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::Sub": text}}}
    third = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "{{resolve:ssm:/a/b:1}}"}}
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": '{"password": "x"}'}}
    return {"Resources": {"Main": resource, "Secret": secret, "Second": second, "Third": third}}


def looped(resource: dict[str, Any]) -> dict[str, Any]:
    loop = [
        "Name",
        {"Ref": "Names"},
        {"Made${Name}": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Name"}}}},
    ]
    document = {
        "Fn::ToJsonString": {
            "names": {"Ref": "Names"},
            "main": {"Ref": "Main"},
            "count": {"Fn::Length": {"Ref": "Names"}},
        }
    }
    second = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": document}}
    return {
        "Transform": "AWS::LanguageExtensions",
        "Resources": {"Main": resource, "Second": second, "Fn::ForEach::Topics": loop},
        "Outputs": {"Fn::ForEach::O": ["N", ["a", "b"], {"Out${N}": {"Value": {"Fn::Sub": "${N}-${AWS::Region}"}}}]},
    }


def serverless(resource: dict[str, Any]) -> dict[str, Any]:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "InlineCode": "def handler(event, context):\n    return None\n",
            "Handler": "index.handler",
            "Environment": {"Variables": {"MAIN": {"Ref": "Main"}}},
            "Events": {"Tick": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 hour)"}}},
        },
    }
    return {
        "Transform": ["AWS::Serverless-2016-10-31"],
        "Globals": {"Function": {"Runtime": "python3.13", "Timeout": 10}},
        "Resources": {"Main": resource, "Handler": function},
        "Outputs": {"Role": {"Value": {"Fn::GetAtt": ["HandlerRole", "Arn"]}}},
    }


def cut(resource: dict[str, Any]) -> dict[str, Any]:
    blocks = {"Fn::Cidr": [{"Ref": "Block"}, 4, "8"]}
    values = {"Fn::Select": [1, {"Fn::Split": [",", {"Fn::Join": [",", {"Ref": "Names"}]}]}]}
    subnet = {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": "vpc-0123456789abcdef0", "CidrBlock": {"Fn::Select": ["0", blocks]}},
    }
    second = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": values}}
    return {
        "Metadata": {"AWS::CloudFormation::Interface": {}},
        "Resources": {"Main": resource, "Subnet": subnet, "Second": second},
    }


SHAPES: tuple[Shape, ...] = (plain, conditional, mapped, asserted, dynamic, looped, serverless, cut)


class _Tags(yaml.SafeDumper):
    """Writes functions by their short tags, as people do."""

    def ignore_aliases(self, data: Any) -> bool:
        return data is not None


def _mapping(dumper: _Tags, value: dict[str, Any]) -> yaml.Node:
    name, *others = value or {"": None}
    if not others and (name == "Ref" or name.startswith("Fn::")) and "ForEach" not in name:
        tag, argument = f"!{name.removeprefix('Fn::')}", value[name]
        if name == "Fn::GetAtt":
            return dumper.represent_scalar(tag, ".".join(argument))
        if isinstance(argument, str):
            return dumper.represent_scalar(tag, argument)
        # A tag directly within a tag needs the long form outside.
        if isinstance(argument, list):
            return dumper.represent_sequence(tag, argument)
        if len(argument) != 1 or not next(iter(argument)).startswith(("Ref", "Fn::")):
            return dumper.represent_mapping(tag, argument)
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items())


_Tags.add_representer(dict, _mapping)


class Written(NamedTuple):
    """A template's name and its text."""

    name: str
    text: str


def templates() -> Iterator[Written]:
    """Give each service in each shape, as JSON, as YAML with short tags and as YAML without."""
    forms = {
        "json": lambda value: json.dumps(value, indent=2),
        "short.yaml": lambda value: yaml.dump(value, Dumper=_Tags, sort_keys=False),
        "long.yaml": lambda value: yaml.safe_dump(json.loads(json.dumps(value)), sort_keys=False),
        "block.yml": lambda value: yaml.dump(value, Dumper=_Tags, sort_keys=True, width=60, default_flow_style=False),
    }
    for (service, item), shape, (form, write) in product(SERVICES.items(), SHAPES, forms.items()):
        value = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Parameters": PARAMETERS,
            **shape(json.loads(json.dumps(item))),
        }
        yield Written(f"{service.replace(' ', '-')}-{shape.__name__}.{form}", write(value))
