"""The attribute by which a table deletes its items is a number that says when they may go, and not a live value.

DynamoDB deletes an item once the number of seconds in its time-to-live attribute is past. Where that attribute is when
something happened, or a value of the data, every item that is written is due at once; where it is a text, none ever is.
An attribute counts as live where it is a key, where its name says a time that is past, or where code in the template
writes it, unless its name says that it is an end. Where code writes an end and no table goes by it, nothing is deleted.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
pack: resilience
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from stackproof.api import Deployment, Finding, Stack, is_true, properties_path
from stackproof.code.inline import TooDeep, inline_functions, parsed

APPLIES_TO = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
ENDS = re.compile(
    r"expir|ttl|timetolive|until|delet|purge|remov|evict|retain|retention|destroy|drop|cleanup|end|valid|due|die|exp$",
)
"""What stands in names of attributes that say when an item may go; letters alone, in lower case."""
END = re.compile(r"expires?(?:at|on)?|expiry(?:date|time)?|expiration(?:date|time)?|ttl|timetolive")
"""Names of attributes that can only be an end, as `plain` makes them."""
PAST = re.compile(
    r"^(?:(?:event|trade|order|record|message|log|item)?(?:timestamp|time|date|ts|at))$|"
    r"creat|updat|modif|insert|receiv|start|began|begin|written|wrote|seen|arriv|born|ingest|publish|submit|login|placed",
)
"""What stands in names of attributes that say when something happened."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        yield from unread(deployment, stack)
        for logical, properties in stack.of_type(*APPLIES_TO):
            stated = properties.get("TimeToLiveSpecification") or {}
            name = str(stated.get("AttributeName", ""))
            if not name or "{{" in name or not is_true(stated.get("Enabled")):
                continue
            path = properties_path(logical, "TimeToLiveSpecification", "AttributeName")
            kinds = {
                str(definition.get("AttributeName")): definition
                for definition in properties.get("AttributeDefinitions", [])
            }
            kind = str(kinds[name].get("AttributeType")) if name in kinds else "N"
            if kind != "N":
                message = f"{logical} expires by {name}, which is of type {kind}: only numbers make items expire"
                yield stack.finding(path, message, "name an attribute that holds seconds as a number")
                continue
            yield from of_writers(stack, logical, name)
            why = live(stack, logical, name, name in kinds)
            if why:
                message = f"{logical} deletes its items by {name}, which {why}: they are due as soon as it is past"
                yield stack.finding(path, message, "name an attribute of its own that says when an item may go")


def unread(deployment: Deployment, stack: Stack) -> Iterator[Finding]:
    """Find code that writes when an item may go, in the words of DynamoDB, where no table deletes by that attribute."""
    tables = [properties for side in deployment.stacks for _, properties in side.of_type(*APPLIES_TO)]
    stated = [table.get("TimeToLiveSpecification") or {} for table in tables]
    read = {str(each.get("AttributeName")) for each in stated if is_true(each.get("Enabled"))}
    for function in inline_functions(stack) if tables and not any("{{" in name for name in read) else ():
        for attribute, value in written(function.text) if function.runtime.startswith("python") else ():
            if END.fullmatch(plain(attribute)) and attribute not in read and is_number_of_now(value):
                message = f"{function.logical} writes {attribute}, by which no table deletes its items"
                fix = f"set TimeToLiveSpecification of the table to {attribute}"
                yield function.finding(value.lineno, message, fix)


def is_number_of_now(value: ast.expr) -> bool:
    """Tell whether a value is a number in the words of DynamoDB's client, reckoned from the time: {"N": str(...)}."""
    if not (
        isinstance(value, ast.Dict) and [key.value for key in value.keys if isinstance(key, ast.Constant)] == ["N"]
    ):
        return False
    return any(isinstance(node, ast.Attribute) and node.attr in {"time", "timestamp"} for node in ast.walk(value))


def live(stack: Stack, table: str, name: str, is_key: bool) -> str:
    """Return why an attribute is one of the data; "" where it may well be an end."""
    plain = re.sub("[^a-z]", "", name.lower())
    if main_key(stack, table, name):
        return "is a key of the table"
    if ENDS.search(plain) and not re.search("creat|updat|modif|insert", plain):
        return ""
    if is_key:
        return "is a key of an index"
    if PAST.search(plain):
        return "says when something happened"
    written = re.compile(rf"""['"]{re.escape(name)}['"]""")
    for function in inline_functions(stack):
        if written.search(function.text):
            return f"is a value of the data that {function.logical} writes"
    return ""


def main_key(stack: Stack, table: str, name: str) -> bool:
    keys = stack.resources[table].get("Properties", {}).get("KeySchema", [])
    return any(key.get("AttributeName") == name for key in keys)


def of_writers(stack: Stack, table: str, name: str) -> Iterator[Finding]:
    """Find code that writes the attribute as no number of seconds, or writes it by another spelling.

    Source: Amazon DynamoDB Developer Guide, "Using time to live (TTL) in DynamoDB": a number, Unix time in seconds.
    """
    keys = [str(key.get("AttributeName")) for key in stack.resources[table].get("Properties", {}).get("KeySchema", [])]
    for function in inline_functions(stack):
        if not function.runtime.startswith("python") or not all(key in function.text for key in keys):
            continue
        values = written(function.text)
        for attribute, value in values:
            if attribute == name:
                what = no_seconds(value)
                if what:
                    message = f"{function.logical} writes {name}, by which {table} deletes its items, as {what}"
                    yield function.finding(
                        value.lineno, message, "write seconds since 1970 as a number: int(time.time())"
                    )
            elif plain(attribute) == plain(name) and name not in {each for each, _ in values}:
                message = f"{function.logical} writes {attribute}, and {table} deletes its items by {name}"
                yield function.finding(value.lineno, message, "spell the attribute alike in both")


def plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


@cache
def written(text: str) -> list[tuple[str, ast.expr]]:
    """Return the keys of mappings that a code makes or adds to, each with what it gives them."""
    found: list[tuple[str, ast.expr]] = []
    try:
        nodes = list(ast.walk(parsed(text)))
    except (SyntaxError, TooDeep):  # other rules say so
        return found
    for node in nodes:
        match node:
            case ast.Dict():
                keyed = zip(node.keys, node.values, strict=True)
                found += [(str(key.value), value) for key, value in keyed if isinstance(key, ast.Constant)]
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(key)))], value=value):
                found.append((key, value))
    return found


def no_seconds(value: ast.expr) -> str:
    """Return what a value is that is no number of seconds, "" where it may be one."""
    if isinstance(value, ast.Dict):  # in the words of a client: {"N": "1700000000"}
        kinds = [key.value for key in value.keys if isinstance(key, ast.Constant)]
        if len(kinds) == 1 and kinds[0] in {"S", "B", "BOOL", "M", "L"}:
            return f"the type {kinds[0]}"
        return "milliseconds" if kinds == ["N"] and milliseconds(value) else ""
    match value:
        case ast.JoinedStr() | ast.Constant(value=str()):
            return "text"
        case ast.Call(func=ast.Name(id="str")) | ast.Call(func=ast.Attribute(attr="strftime" | "isoformat" | "ctime")):
            return "text"
    return "milliseconds" if milliseconds(value) else ""


def milliseconds(value: ast.expr) -> bool:
    return any(
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and any(map(is_thousand, (node.left, node.right)))
        for node in ast.walk(value)
    ) and any(isinstance(node, ast.Attribute) and node.attr in {"time", "timestamp"} for node in ast.walk(value))


def is_thousand(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in {1000}
