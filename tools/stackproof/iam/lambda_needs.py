"""What AWS Lambda needs of the roles of a stack's functions, whatever their code does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.aws.data import facts
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.values import properties_path
from stackproof.iam.need import Need, UnknownNeed, arn, of_role, role_of
from stackproof.topology.event_sources import function_of
from stackproof.topology.resource_index import resources_by_name

INTERFACES, ANY_OF_EC2 = "network-interface/*", "*/*"
"""What Lambda works on in a VPC, and the widest that its guide gives for it: "arn:aws:ec2:us-west-2:123456789012:*/*".

Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
"""
DISCARDED = "aws/lambda/*"
"""Where Lambda puts discarded batches. Source: Lambda Developer Guide, "Retain discarded batch records for a Kinesis
Data Streams event source in Lambda": aws/lambda/<mapping>/<shard>/..."""


def of_functions(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what Lambda needs of the roles of a stack's functions, whatever their code does."""
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        role = role_of(stack, properties.get("Role"))
        if role:
            yield from of_role(role, _of_function(stack, role, logical, properties))


def _of_function(stack: Stack, role: str, logical: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    path: Path = properties_path(logical)
    yield from _logs(stack, role, logical, properties)
    yield from _interfaces(stack, role, f"the network of {logical}", properties, path)
    if properties.get("TracingConfig", {}).get("Mode") == "Active":
        for name in ("xray:PutTelemetryRecords", "xray:PutTraceSegments"):
            yield Need(role, name, "*", f"the traces of {logical}", (*path, "TracingConfig"))
    queue = properties.get("DeadLetterConfig", {}).get("TargetArn")
    if queue:
        yield from _sending(stack, role, str(queue), f"dead letters of {logical}", (*path, "DeadLetterConfig"))


def _logs(stack: Stack, role: str, logical: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Source: Lambda Developer Guide, "Defining Lambda function permissions with an execution role"."""
    name = stack.evaluator.references.ref(logical)
    group = properties.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
    path: Path = properties_path(logical)
    all_of, streams = arn(stack, "logs", f"log-group:{group}:*"), arn(stack, "logs", f"log-group:{group}:log-stream:*")
    for action in ("CreateLogStream", "PutLogEvents"):
        yield Need(role, f"logs:{action}", all_of, f"the log of {logical}", path, streams)
    if group not in resources_by_name(stack, "AWS::Logs::LogGroup"):
        group_arn = all_of.removesuffix(":*")
        yield Need(role, "logs:CreateLogGroup", all_of, f"the log of {logical}", path, group_arn, optional=True)


def _interfaces(stack: Stack, role: str, why: str, properties: Mapping[str, Any], path: Path) -> Iterator[Need]:
    network = properties.get("VpcConfig", {})
    at = (*path, "VpcConfig")
    if not network.get("SubnetIds"):
        return
    interfaces = arn(stack, "ec2", INTERFACES)
    used = [f"security-group/{group}" for group in network.get("SecurityGroupIds", [])]
    used += [f"subnet/{subnet}" for subnet in network["SubnetIds"]]
    widest = arn(stack, "ec2", ANY_OF_EC2)
    for resource in (interfaces, *(arn(stack, "ec2", part) for part in used)):
        yield Need(role, "ec2:CreateNetworkInterface", widest, why, at, resource)
    yield Need(role, "ec2:DeleteNetworkInterface", widest, why, at, interfaces)
    for action in ("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"):
        yield Need(role, f"ec2:{action}", widest, why, at, interfaces, optional=True)
    yield Need(role, "ec2:DescribeNetworkInterfaces", "*", why, at)
    yield Need(role, "ec2:DescribeSubnets", "*", why, at, optional=True)


def of_mappings(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what event source mappings need of the roles of their functions: to read, and to keep what failed."""
    for logical, properties in stack.of_type("AWS::Lambda::EventSourceMapping"):
        role = _role_of_function(stack, properties)
        if role:
            yield from of_role(role, _of_mapping(stack, role, logical, properties))
    for logical, properties in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        role = _role_of_function(stack, properties)
        for end, config in properties.get("DestinationConfig", {}).items() if role else ():
            why, path = f"{end} of {logical}", properties_path(logical, "DestinationConfig", end)
            yield from of_role(role, _sending(stack, role, str(config["Destination"]), why, path))


def _role_of_function(stack: Stack, properties: Mapping[str, Any]) -> str:
    """Return the role of the function that the property FunctionName names, "" if the stack does not create it."""
    function = function_of(stack, properties.get("FunctionName"))
    return role_of(stack, stack.resources[function].get("Properties", {}).get("Role")) if function else ""


def _of_mapping(stack: Stack, role: str, logical: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    path: Path = properties_path(logical)
    destination = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if destination:
        yield from _sending(stack, role, str(destination), f"what {logical} discards", (*path, "DestinationConfig"))
    source = str(properties.get("EventSourceArn", ""))
    service = source.split(":")[2] if source.startswith("arn:") else "its source"
    reading = facts("services", "read_by_mapping").get(service)
    if reading is None:
        message = f"what {logical} needs to read from {service} is not known"
        fix = "read from a stream of Kinesis or DynamoDB, or from a queue of SQS"
        raise stack.cannot_tell((*path, "EventSourceArn") if source else path, message, fix)
    for action in reading:
        yield Need(role, f"{service}:{action}", source, f"{logical} reads", (*path, "EventSourceArn"))


def _sending(stack: Stack, role: str, to: str, why: str, path: Path) -> Iterator[Need]:
    """Give what it needs to send what failed to a destination.

    Source: Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda".
    """
    service = to.split(":")[2] if to.startswith("arn:") else ""
    verbs = facts("services", "takes_failures")
    if service in verbs:
        yield Need(role, f"{service}:{verbs[service]}", to, why, path)
    elif service == "s3":
        yield Need(role, "s3:PutObject", f"{to}/{DISCARDED}", why, path)
        yield Need(role, "s3:ListBucket", to, why, path)
    else:
        message = f"what it takes to send {why} to {to} is not known"
        raise stack.cannot_tell(path, message, "send to a queue, a topic, a function, an event bus or a bucket")
