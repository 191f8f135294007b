"""Inline code calls AWS as boto3 takes it: with methods and parameters that exist, and values in their form.

A call with a parameter that the operation does not have, without one that it needs, or with arguments by position is
refused by boto3 before anything is sent; a member that no reply has is a KeyError. A client of DynamoDB takes a value
with its type, a Table takes plain ones, but no floats. A bucket is named by its name, not by its ARN; and what an ARN
names is found by a client of its own region alone. All of it shows only when that line runs, which may be the one that
handles a failure.
Source: the models of services that botocore ships, for methods, parameters and members
Source: https://docs.aws.amazon.com/boto3/latest/guide/dynamodb.html
Source: https://github.com/boto/boto3/issues/665 (floats and DynamoDB's tables)
Source: https://docs.aws.amazon.com/boto3/latest/reference/services/s3/client/put_object.html (Bucket)
pack: core
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache

from stackproof.api import CannotTell, Deployment, Finding, Findings
from stackproof.aws.botocore_files import described
from stackproof.aws.call_shapes import call_shape
from stackproof.code.boto3_calls import OBJECTS, Call, Reading, read
from stackproof.code.inline import Inline, for_each_python_function, parsed
from stackproof.code.resolution import Resolver
from stackproof.code.values import Display, Dotted, Joined, Known, Reply, Unknown, Value
from stackproof.iam.code_needs import ACTIONS, prefix_of

APPLIES_TO = ("AWS::Lambda::Function",)
Fault = tuple[int, str, str]
ADDED = frozenset({
    "can_paginate", "close", "copy", "download_file", "download_fileobj", "generate_db_auth_token",
    "generate_db_connect_admin_auth_token", "generate_db_connect_auth_token", "generate_presigned_post",
    "generate_presigned_url", "get_paginator", "get_waiter", "upload_file", "upload_fileobj",
})  # fmt: skip
"""Methods of clients that are no operations. Source: Boto3 documentation, "Client" of S3, RDS and Aurora DSQL."""
RENAMED = {"fromTime": "from", "returnFields": "return"}
"""Parameters whose names in the models are words of Python, as boto3 has them. Source: botocore/handlers.py."""
PAGES = frozenset({"PaginationConfig"})
"""What paginators take besides."""
DEFAULTED = frozenset({"accountId"})
"""Needed parameters that boto3 gives where the code does not, of Glacier's operations. Source: botocore/handlers.py."""
OF_RESOURCE = "meta.client"
"""A client that a resource of boto3 has: of DynamoDB it takes plain values, as a Table does."""
TYPED = ("ExclusiveStartKey", "ExpressionAttributeValues", "Item", "Key")
NAMES = {("s3", "Bucket"): "s3:::", ("kinesis", "StreamName"): "", ("logs", "logGroupName"): ""}
"""Parameters that take a name, and how, behind its partition, an ARN begins that they do not take."""

ARNS = {
    "dynamodb": "TableName", "kinesis": "StreamARN", "kms": "KeyId", "lambda": "FunctionName",
    "secretsmanager": "SecretId", "sns": "TopicArn", "sqs": "QueueUrl", "stepfunctions": "stateMachineArn",
}  # fmt: skip
"""Of each client the parameter whose ARN, or URL, has to be of the region in which the client calls."""
REGION = re.compile(r"^(?:https://sqs\.|arn:[^:]*:[^:]*:)([a-z]{2,4}(?:-[a-z]+)+-[0-9]+)[.:]")
"""The region in an ARN, or in the URL of a queue."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_python_function(stack, of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    for line, message, fix in faults(function.text, function.handler):
        yield function.finding(line, f"{function.logical} {message}", fix)
    for call, parameter in named_in(function.text, function.handler):
        resolver = Resolver(function, call.code)
        try:
            names = resolver.texts(call.argument(parameter) or (), call.line, parameter)
            named = call.client.region
            regions = resolver.texts(named, call.line, "the region") if named else [function.stack.scenario.region]
        except CannotTell:  # for the rules about roles to say
            continue
        for name in names:
            yield from named_by_arn(function, call, parameter, name)
            yield from elsewhere(function, call, name, regions)


@cache
def named_in(text: str, handler: str) -> tuple[tuple[Call, str], ...]:
    """Return the calls of a code that name something by a text, each with the parameter that has it."""
    found = []
    for call in read(text, handler).calls:
        named = [*(name for service, name in NAMES if service == call.client.service), ARNS.get(call.client.service)]
        found += [(call, name) for name in named if name and call.argument(name)]
    return tuple(found)


@cache
def faults(text: str, handler: str) -> tuple[Fault, ...]:
    reading = read(text, handler)
    found = [fault for call in reading.calls for fault in of_call(call)]
    found += [fault for call in reading.calls if OF_RESOURCE not in text for fault in of_items(call)]
    return tuple(dict.fromkeys((*found, *of_replies(text, reading))))


def of_call(call: Call) -> Iterator[Fault]:
    named, whole = names_given(call)
    parameters = frozenset(RENAMED.get(name, name) for name in named - PAGES)
    client, kind = call.client.service, call.client.kind
    shape = call_shape(client, call.operation, parameters, frozenset())
    called = f"{client}.{call.operation}"
    if shape is None:
        if kind == "client" and call.operation not in {*ADDED, *ACTIONS.get(prefix_of(client), {})}:
            yield from unknown_method(call)
        return
    if not isinstance(call.node.func, ast.Attribute) or call.node.func.attr not in (call.operation, "paginate"):
        return  # a method of boto3's own, such as batch_writer
    if call.node.args:
        yield call.line, f"calls {called} with arguments by position", "give each by its name"
        return
    for name in sorted(parameters - shape.takes):
        near = alike(name, shape.takes) or [part for part in sorted(shape.needs) if name in part]
        fix = f"write {near[0]}" if near else f"give one of {', '.join(sorted(shape.takes))}"
        yield call.line, f"gives {called} the parameter {name}, which it does not take", fix
    fixed = {name for name, _ in call.fixed} | set(OBJECTS.get((client, kind), ()))
    for name in sorted(shape.needs - parameters - fixed - DEFAULTED) if whole else ():
        yield call.line, f"calls {called} without {name}, which it needs", f"give {name}"


def names_given(call: Call) -> tuple[frozenset[str], bool]:
    """Return the names of the parameters that a call gives, and whether they are all."""
    scope = call.code.names.scopes[id(call.node)]
    entries = call.code.entries(Display(ast.Call(call.node.func, [], call.node.keywords), scope))
    named = frozenset(keyword.arg for keyword in call.node.keywords if keyword.arg)
    keys = [key for names, _ in entries or () for key in names]
    if entries is None or not all(isinstance(key, Known) for key in keys):
        return named, False
    return named | {str(key.value) for key in keys if isinstance(key, Known)}, True


def alike(name: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # 5 ms, which only a mistake needs

    return get_close_matches(name, known, 1)


def unknown_method(call: Call) -> Iterator[Fault]:
    operations = described(call.client.service)["operations"]
    if operations:
        wanted = call.operation.replace("_", "")
        near = alike(wanted, [name.lower() for name in operations])
        spelt = next((name for name in operations if near and name.lower() == near[0]), "")
        fix = f"write the method of {spelt}" if spelt else "write the name of the method as boto3 does"
        yield call.line, f"calls {call.operation}, which boto3's client of {call.client.service} does not have", fix


def of_items(call: Call) -> Iterator[Fault]:
    """Find values of a table's attributes that are not in the form of the client, or of the Table."""
    if call.client.service != "dynamodb" or call.client.kind not in ("client", "Table"):
        return
    for parameter in TYPED:
        for item in call.argument(parameter) or ():
            for names, written in (call.code.entries(item) if isinstance(item, Display) else None) or ():
                name = ", ".join(str(key.value) for key in names if isinstance(key, Known))
                values = call.code.of(*written)
                if call.client.kind == "client" and values and all(map(is_plain, values)):
                    message = (
                        f"gives {name} in {parameter} a plain value, and a client of DynamoDB takes one with its type"
                    )
                    yield written[0].lineno, message, "write {'S': …}, {'N': '…'} and so on, or use a Table"
                elif call.client.kind == "Table" and any(is_float(call, value) for value in values):
                    message = f"gives {name} in {parameter} a float, which boto3 refuses for a Table"
                    yield written[0].lineno, message, "give a Decimal of its text, or an int"


def is_plain(value: Value) -> bool:
    return isinstance(value, Known | Joined)


def is_float(call: Call, value: Value) -> bool:
    match value:
        case Known(number):
            return isinstance(number, float)
        case Unknown(ast.Call() as made):
            return Dotted("time.time") in call.code.of(made.func)
    return False


def of_replies(text: str, reading: Reading) -> Iterator[Fault]:
    """Find members that are taken out of replies and that no reply of the operation has."""
    for node in ast.walk(parsed(text)) if reading.calls else ():
        match node:
            case ast.Subscript(value=base, slice=ast.Constant(value=str(key)), ctx=ast.Load()):
                pass
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[ast.Constant(value=str(key)), *_]):
                pass
            case _:
                continue
        for reply in replies(reading, base) if key != "ResponseMetadata" else ():
            client, method = reply.client.service, reply.method
            shape = call_shape(client, method, frozenset(), frozenset({key}))
            if shape and key not in shape.gives:
                near = alike(key, shape.gives)
                fix = f"write {near[0]}" if near else f"take one of {', '.join(sorted(shape.gives))}"
                yield node.lineno, f"takes {key} of the reply of {client}.{method}, which has none", fix


def replies(reading: Reading, base: ast.expr) -> list[Reply]:
    """Return the replies that an expression may be; none where it may be anything else."""
    values = reading.code.of(base)
    found = [value for value in values if isinstance(value, Reply) and value.client.kind in ("client", "Table")]
    return found if len(found) == len(values) else []


def named_by_arn(function: Inline, call: Call, parameter: str, name: str) -> Iterator[Finding]:
    form = NAMES.get((call.client.service, parameter))
    if form is not None and name.startswith("arn:") and name.split(":", 2)[-1].startswith(form):
        called = f"{call.client.service}.{call.operation}"
        message = f"{function.logical} gives {called} {name} as {parameter}, which takes a name"
        yield function.finding(call.line, message, "hand over the name, which Ref gives")


def elsewhere(function: Inline, call: Call, name: str, regions: list[str]) -> Iterator[Finding]:
    """Find ARNs and URLs of another region than the one in which the client calls."""
    if not call.client.region and "region_name" in function.text:
        return  # a configuration may have it
    there = next((region for region in REGION.findall(name) if region), "") if "{{" not in name else ""
    if there and there not in regions:
        called = f"{call.client.service}.{call.operation}"
        message = f"{function.logical} calls {called} in {', '.join(regions)} with {name}, which is in {there}"
        yield function.finding(call.line, message, f"make a client for that region: region_name='{there}'")
