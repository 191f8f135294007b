"""What AWS Lambda needs of the roles of a stack's functions, whatever their code does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.values import properties_path
from stackproof.iam.need import Need, arn, role_of
from stackproof.topology.identity import identities

STREAM_ACTIONS = {
    # Lambda Developer Guide, "Process Amazon Kinesis Data Streams records with Lambda"
    "kinesis": ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"),
    # Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB"
    "dynamodb": ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"),
    # Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping"
    "sqs": ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"),
}
INTERFACES, ANY_OF_EC2 = "network-interface/*", "*/*"
"""What Lambda works on in a VPC, and the widest that its guide gives for it: "arn:aws:ec2:us-west-2:123456789012:*/*".

Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
"""
DISCARDED = "aws/lambda/*"
"""Where Lambda puts discarded batches. Source: Lambda Developer Guide, "Retain discarded batch records for a Kinesis
Data Streams event source in Lambda": aws/lambda/<mapping>/<shard>/..."""


def of_functions(stack: Stack) -> Iterator[Need]:
    """Give what Lambda needs of the roles of a stack's functions, whatever their code does."""
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        role = role_of(stack, properties.get("Role"))
        if role:
            path: Path = properties_path(logical)
            yield from _logs(stack, role, logical, properties)
            yield from _interfaces(stack, role, f"the network of {logical}", properties, path)
            queue = properties.get("DeadLetterConfig", {}).get("TargetArn")
            if queue:
                yield from _sending(role, str(queue), f"dead letters of {logical}", (*path, "DeadLetterConfig"))
            if properties.get("TracingConfig", {}).get("Mode") == "Active":
                for name in ("xray:PutTelemetryRecords", "xray:PutTraceSegments"):
                    yield Need(role, name, "*", f"the traces of {logical}", (*path, "TracingConfig"))


def _logs(stack: Stack, role: str, logical: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Source: Lambda Developer Guide, "Defining Lambda function permissions with an execution role"."""
    name = stack.evaluator.references.ref(logical)
    group = properties.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    path: Path = properties_path(logical)
    all_of, streams = arn(stack, "logs", f"log-group:{group}:*"), arn(stack, "logs", f"log-group:{group}:log-stream:*")
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Need(role, f"logs:{action}", all_of, f"the log of {logical}", path, streams)
    if group not in identities(stack):
        yield Need(role, "logs:CreateLogGroup", all_of, f"the log of {logical}", path, all_of.removesuffix(":*"))


def _interfaces(stack: Stack, role: str, why: str, properties: Mapping[str, Any], path: Path) -> Iterator[Need]:
    network = properties.get("VpcConfig", {})
    at = (*path, "VpcConfig")
    if not network.get("SubnetIds"):
        return
    interfaces = arn(stack, "ec2", INTERFACES)
    used = [f"security-group/{one}" for one in network.get("SecurityGroupIds", [])]
    used += [f"subnet/{one}" for one in network["SubnetIds"]]
    widest = arn(stack, "ec2", ANY_OF_EC2)
    for resource in (interfaces, *(arn(stack, "ec2", one) for one in used)):
        yield Need(role, "ec2:CreateNetworkInterface", widest, why, at, resource)
    for action in ("AssignPrivateIpAddresses", "DeleteNetworkInterface", "UnassignPrivateIpAddresses"):
        yield Need(role, f"ec2:{action}", widest, why, at, interfaces)
    for action in ("DescribeNetworkInterfaces", "DescribeSubnets"):
        yield Need(role, f"ec2:{action}", "*", why, at)


def of_mappings(stack: Stack) -> Iterator[Need]:
    """Give what event source mappings need of the roles of their functions: to read, and to keep what failed."""
    functions = dict(stack.of_type("AWS::Lambda::Function"))
    for logical, properties in stack.of_type("AWS::Lambda::EventSourceMapping"):
        function = identities(stack).get(str(properties.get("FunctionName")), "")
        role = role_of(stack, functions.get(function, {}).get("Role"))
        if not role:
            continue
        path: Path = properties_path(logical)
        source = str(properties.get("EventSourceArn", ""))
        service = source.split(":")[2] if source.startswith("arn:") else "its source"
        if service not in STREAM_ACTIONS:
            raise CannotTell(f"what {logical} needs to read from {service} is not known", stack.place(path))
        for action in STREAM_ACTIONS[service]:
            yield Need(role, f"{service}:{action}", source, f"{logical} reads", (*path, "EventSourceArn"))
        kept = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if kept:
            yield from _sending(role, str(kept), f"what {logical} discards", (*path, "DestinationConfig"))
    for _logical, properties in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        function = identities(stack).get(str(properties.get("FunctionName")), "")
        role = role_of(stack, functions.get(function, {}).get("Role"))
        for end, config in properties.get("DestinationConfig", {}).items() if role else ():
            at: Path = properties_path(_logical, "DestinationConfig", end)
            yield from _sending(role, str(config["Destination"]), f"{end} of {function}", at)


def _sending(role: str, to: str, why: str, path: Path) -> Iterator[Need]:
    """Give what it needs to send what failed to a destination.

    Source: Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda".
    """
    service = to.split(":")[2] if to.startswith("arn:") else ""
    one = {"sqs": "SendMessage", "sns": "Publish", "lambda": "InvokeFunction", "events": "PutEvents"}.get(service)
    if one:
        yield Need(role, f"{service}:{one}", to, why, path)
    elif service == "s3":
        yield Need(role, "s3:PutObject", f"{to}/{DISCARDED}", why, path)
        yield Need(role, "s3:ListBucket", to, why, path)
    else:
        raise CannotTell(f"what it needs to send to {to} is not known")
