"""The custom resources of a stack: what they send to which function, and what its code reads of that."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from stackproof.code.boto3_calls import read
from stackproof.code.inline import Inline
from stackproof.code.interpreter import Interpreter
from stackproof.code.values import Display, HandlerInput, Item, Known, Method, Parsed, Part, Value
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.values import as_list
from stackproof.topology.event_sources import function_of

NOT_SENT = ("ServiceToken", "ServiceTimeout")
"""Properties that are CloudFormation's own: no function needs to read them.

Source: CloudFormation Template Reference, "Custom resource request fields".
"""


@dataclass(frozen=True)
class Custom:
    """A custom resource that a function of its stack answers."""

    logical: str
    properties: Mapping[str, Any]
    function: str

    @property
    def path(self) -> Path:
        return ("Resources", self.logical, "Properties")

    @property
    def sent(self) -> list[str]:
        return [name for name in self.properties if name not in NOT_SENT]


def is_custom(kind: str) -> bool:
    return kind == "AWS::CloudFormation::CustomResource" or kind.startswith("Custom::")


def custom_resources(stack: Stack) -> Iterator[Custom]:
    """Give the custom resources of a stack that a function of the stack answers."""
    for logical, resource in stack.resources.items():
        if is_custom(resource["Type"]):
            properties = resource.get("Properties", {})
            function = answering(stack, str(properties.get("ServiceToken")))
            if function:
                yield Custom(logical, properties, function)


def answering(stack: Stack, token: str) -> str | None:
    """Return the function of the stack that a service token means, by itself or by a topic that it is subscribed to."""
    if ":sns:" not in token:
        return function_of(stack, token)
    topics = [
        properties
        for logical, properties in stack.of_type("AWS::SNS::Topic")
        if stack.evaluator.references.ref(logical) == token
    ]
    stated = [each for topic in topics for each in as_list(topic.get("Subscription", []))]
    stated += [
        properties for _, properties in stack.of_type("AWS::SNS::Subscription") if properties.get("TopicArn") == token
    ]
    heard = (function_of(stack, each.get("Endpoint")) for each in stated if each.get("Protocol") == "lambda")
    return next((function for function in heard if function), None)


def properties_read(function: Inline) -> Mapping[str, int]:
    """Return the names of the properties of a custom resource that a code reads, with the line; first letter small.

    Read are the keys that are taken from event['ResourceProperties'], or from a mapping that is made by going over
    its items, where the names' first letter may have been made small.
    """
    function.tree()
    return _keys(function.text, function.handler)


@cache
def keys_as_written(text: str, handler: str) -> frozenset[str]:
    """Return the properties that a code reads by the very names that they are sent by."""
    code = read(text, handler).code
    found: set[str] = set()
    for node in ast.walk(code.names.module.node):
        match node:
            case ast.Subscript(value=base, slice=key, ctx=ast.Load()):
                pass
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *_]):
                pass
            case _:
                continue
        as_sent = [value for value in code.of(base) if isinstance(value, Part) and _is_properties(code, value)]
        found |= {str(name.value) for name in code.of(key) if as_sent and isinstance(name, Known)}
    return frozenset(found)


@cache
def _keys(text: str, handler: str) -> Mapping[str, int]:
    code = read(text, handler).code
    found: dict[str, int] = {}
    for node in ast.walk(code.names.module.node):
        match node:
            case ast.Subscript(value=base, slice=key, ctx=ast.Load()):
                names = code.of(key)
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *_]):
                names = code.of(key)
            case _:
                continue
        if any(_is_properties(code, value) for value in code.of(base)):
            for name in names:
                if isinstance(name, Known) and isinstance(name.value, str):
                    found.setdefault(small(name.value), node.lineno)
    return found


def property_of(code: Interpreter, node: ast.expr) -> str:
    """Return the property of a custom resource that an expression is as it was sent, or a default; "" if it is none."""
    found = [value for value in code.of(node) if not isinstance(value, Known)]
    plain = [value.base if isinstance(value, Item) else value for value in found]
    names = {str(value.key) for value in plain if isinstance(value, Part) and _is_properties(code, value.base)}
    return names.pop() if len(names) == len(found) == 1 else ""


def small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _is_properties(code: Interpreter, value: Value) -> bool:
    """Tell whether a value is the properties of a custom resource, or made of them."""
    match value:
        case Part(Part(HandlerInput()), _):
            return False
        case Part(HandlerInput() | Parsed(), "ResourceProperties"):
            return True
        case Display(ast.DictComp() as node, _):
            scope = code.names.inside[id(node)].parent
            sources = code.of(node.generators[0].iter, scope)
            return any(
                isinstance(source, Method) and source.name == "items" and _is_properties(code, source.owner)
                for source in sources
            )
    return False
