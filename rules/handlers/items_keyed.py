"""Code that writes to a table writes items with every key of the table and its indexes, in the types that they have.

DynamoDB refuses an item that lacks a key of the table or has it in another type, and leaves one that lacks a key of an
index out of that index without a word. Which tables a function writes, its role says; what it writes, the mappings in
its code with the names of the attributes: {'Id': {'S': ...}} in the words of a client, {'Id': ...} in those of a Table.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general-sparse-indexes.html
pack: core
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from stackproof.api import Deployment, Finding, Findings
from stackproof.aws.arn import covers
from stackproof.code.boto3_calls import read
from stackproof.code.inline import Inline, for_each_function, inline_functions, parsed
from stackproof.code.interpreter import Interpreter
from stackproof.code.members import Entry
from stackproof.code.values import Display, Known
from stackproof.iam.need import role_of
from stackproof.iam.statements import Statement, of_roles
from stackproof.topology.resource_index import arns

APPLIES_TO = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
PUTS = ("dynamodb:BatchWriteItem", "dynamodb:PutItem")
EXISTS = re.compile(r"\battribute_(?:not_)?exists\((\w+)\)")
TYPES = frozenset({"S", "N", "B"})
Types = Mapping[str, frozenset[str]]
"""Of each attribute of an item the types that it is written in, none where that cannot be told."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), partial(of_function, deployment))


def of_function(deployment: Deployment, function: Inline) -> Iterator[Finding]:
    role = role_of(function.stack, function.properties.get("Role"))
    written = set(writable(of_roles(function.stack).get(role, ())))
    for owner in deployment.stacks if written else ():
        for logical, properties in owner.of_type(*APPLIES_TO):
            if written & set(arns(owner, logical)):
                yield from faults(function, logical, properties)


def writable(granted: Iterable[Statement]) -> Iterator[str]:
    """Give the ARNs that statements let a role put items to."""
    for statement in granted:
        if statement.effect == "Allow" and any(covers(pattern, to) for pattern in statement.actions for to in PUTS):
            yield from statement.resources


def faults(function: Inline, table: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    keyed = [*properties.get("KeySchema", [])]
    for index in (*properties.get("GlobalSecondaryIndexes", []), *properties.get("LocalSecondaryIndexes", [])):
        keyed += index.get("KeySchema", [])
    wanted = list(dict.fromkeys(str(key.get("AttributeName")) for key in keyed))
    function.tree()
    found = items(function.text, function.handler)
    line, item = max(found, key=lambda written: len(written[1].keys() & set(wanted)), default=(1, {}))
    missing = [name for name in wanted if name not in item]
    if missing:
        message = f"{function.logical} writes items without {', '.join(missing)}, by which {table} is keyed"
        yield function.finding(line, message, "name the attributes alike in the code and in the table")
    for name, at in conditions(function.text):
        if name not in item:
            message = f"{function.logical} writes on a condition on {name}, which no item of {table} has"
            yield function.finding(at, message, "name the attribute alike in the item and in the condition")
    for definition in properties.get("AttributeDefinitions", []):
        name, kind = str(definition.get("AttributeName")), definition.get("AttributeType")
        if item.get(name) and kind not in item[name]:
            types = " or ".join(sorted(item[name]))
            message = f"{function.logical} writes {name} as {types}, and {table} has it as {kind}"
            yield function.finding(line, message, "give it one type in the code and in the table")


@cache
def conditions(text: str) -> list[tuple[str, int]]:
    """Return the attributes that a code asks for in conditions of writes, each with its line."""
    texts = [
        constant
        for constant in ast.walk(parsed(text))
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    ]
    return [(name, constant.lineno) for constant in texts for name in EXISTS.findall(str(constant.value))]


@cache
def items(text: str, handler: str) -> list[tuple[int, Types]]:
    """Return the mappings of a code whose keys are all known, each with its line."""
    code = read(text, handler).code
    found: list[tuple[int, Types]] = []
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Dict) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            for value in code.of(node):
                entries = code.entries(value) if isinstance(value, Display) else None
                found += [(node.lineno, typed(code, entries))] if entries else []
    return found


def typed(code: Interpreter, entries: list[Entry]) -> Types:
    """Return of each key that is written out the types that a client's words give its value."""
    item: dict[str, frozenset[str]] = {}
    for names, written in entries:
        inner = [code.entries(member) for member in code.of(*written) if isinstance(member, Display)]
        present = {
            key.value for members in inner for keys, _ in members or () for key in keys if isinstance(key, Known)
        }
        for name in names:
            if isinstance(name, Known) and isinstance(name.value, str):
                item[name.value] = frozenset(present) if present and present <= TYPES else frozenset()
    return item
