"""What calls in a code return: clients of AWS, variables, parsed texts, and what its own functions return."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from stackproof.code.members import Parts
from stackproof.code.scopes import Function, Scope
from stackproof.code.values import (
    Client,
    Display,
    Dotted,
    HandlerInput,
    Item,
    Known,
    Method,
    Parsed,
    Part,
    Reply,
    Routine,
    Unknown,
    Value,
    Values,
    Variable,
)

CLIENTS = {"boto3.client": "client", "boto3.resource": "resource"}
SESSIONS = ("boto3.Session", "boto3.session.Session")


class Returns(Parts):
    """What the calls of one code return."""

    def returned(self, value: Value, node: ast.Call, scope: Scope) -> Iterator[Value]:
        """Give what a call of a value may return."""
        match value:
            case Dotted(name):
                yield from self._of_module(name, node, scope)
            case Method(Client() as client, name):
                yield from self._of_client(client, name, node, scope)
            case Method(owner, "get") if (
                isinstance(owner, Display | HandlerInput | Reply | Part | Item | Parsed) and node.args
            ):
                for key in self.of(node.args[0], scope):
                    yield from self.part(owner, key.value if isinstance(key, Known) else key)
                yield from self.of(node.args[1], scope) if len(node.args) > 1 else ()
            case Method(owner, "strip" | "rstrip" | "lstrip" | "copy"):
                yield owner
            case Method(_, "items"):
                yield value
            case Routine(function):
                yield from self._returns(function)
            case _:
                yield Unknown(node)

    def _of_module(self, name: str, node: ast.Call, scope: Scope) -> Iterator[Value]:
        """Give what a function of a module, or a builtin one, returns."""
        match name:
            case "boto3.client" | "boto3.resource":
                region = self.argument(node, scope, 1, "region_name")
                for service in self.argument(node, scope, 0, "service_name") or (Unknown(),):
                    known = service.value if isinstance(service, Known) and isinstance(service.value, str) else ""
                    yield Client(known, region, CLIENTS[name])
            case "boto3.Session" | "boto3.session.Session" if not node.args and not node.keywords:
                yield Dotted("boto3")
            case "os.getenv" | "os.environ.get":
                for key in self.argument(node, scope, 0, "key"):
                    default = self.argument(node, scope, 1, "default")
                    yield Variable(key.value, default) if isinstance(key, Known) else Unknown(node)
            case "json.loads" if node.args:
                yield from (Parsed(text) for text in self.of(node.args[0], scope))
            case "dict":
                yield Display(node, scope)
            case "str" if node.args:
                yield from self.of(node.args[0], scope)
            case _:
                yield Unknown(node)

    def _of_client(self, client: Client, name: str, node: ast.Call, scope: Scope) -> Iterator[Value]:
        if client.kind == "client" and name in ("get_paginator", "get_waiter"):
            yield Client(client.service, client.region, name, (("", self.argument(node, scope, 0, "operation_name")),))
        elif client.kind == "resource" and name[:1].isupper():
            yield Client(
                client.service, client.region, name, tuple(("", self.of(argument, scope)) for argument in node.args)
            )
        else:
            yield Reply(client, name, node, scope)

    def _returns(self, function: Function) -> Iterator[Value]:
        inner = self.names.inside[id(function)]
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value and self.names.scopes[id(node)] is inner:
                yield from self.of(node.value)

    def argument(self, node: ast.Call, scope: Scope, position: int, name: str) -> Values:
        """Return what a call gives for a parameter, by position or by name; nothing if it does not."""
        if position < len(node.args) and not any(isinstance(argument, ast.Starred) for argument in node.args):
            return self.of(node.args[position], scope)
        return tuple(
            value for keyword in node.keywords if keyword.arg == name for value in self.of(keyword.value, scope)
        )
