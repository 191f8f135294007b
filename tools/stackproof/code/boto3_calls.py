"""What a code does with AWS: its calls of boto3, the variables it reads, and what of that cannot be told."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from stackproof.code.call_results import CLIENTS, SESSIONS
from stackproof.code.inline import parsed
from stackproof.code.interpreter import Interpreter
from stackproof.code.members import ENVIRONMENT
from stackproof.code.scopes import Function, Scope
from stackproof.code.values import Client, Display, Dotted, Known, Method, Routine, Value, Values, Variable

OBJECTS = {
    ("dynamodb", "Table"): ("TableName",),
    ("sqs", "Queue"): ("QueueUrl",),
    ("sns", "Topic"): ("TopicArn",),
    ("s3", "Bucket"): ("Bucket",),
    ("s3", "Object"): ("Bucket", "Key"),
}
"""Objects of boto3 resources, and the parameters of the operations that they are made with.

Source: Boto3 documentation, "Resources reference" of each service.
"""
OPERATIONS = {
    "Table.batch_writer": "batch_write_item",
    "Table.load": "describe_table",
    "Object.put": "put_object",
    "Object.get": "get_object",
    "Object.delete": "delete_object",
    "Bucket.put_object": "put_object",
}
LOCAL = ("can_paginate", "close")
MAKES_VALUES = ("boto3.dynamodb.conditions.", "boto3.dynamodb.types.")
"""Modules of boto3 that call nothing. Source: Boto3 documentation, "DynamoDB customization reference"."""
DYNAMIC = ("eval", "exec", "__import__", "importlib.import_module", "globals", "vars", "compile")


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an operation of AWS; `operation` is in boto3's spelling, such as put_item."""

    client: Client
    operation: str
    node: ast.Call
    code: Interpreter
    fixed: tuple[tuple[str, Values], ...]

    @property
    def line(self) -> int:
        return self.node.lineno

    def argument(self, name: str) -> Values | None:
        """Return what a parameter may be given; nothing if it is not given, None if that cannot be told."""
        for fixed, values in self.fixed:
            if fixed == name:
                return values
        scope = self.code.names.scopes[id(self.node)]
        entries = self.code.entries(Display(ast.Call(self.node.func, [], self.node.keywords), scope))
        if entries is None:
            return None
        found: list[Value] = []
        for names, written in entries:
            if any(not isinstance(text, Known) for text in names):
                return None
            if Known(name) in names:
                found += self.code.of(*written)
        return tuple(found)


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read from a code; `variables` and `doubts` are pairs with the line, `printed` the arguments of print."""

    code: Interpreter
    calls: tuple[Call, ...]
    variables: tuple[tuple[Variable, int], ...]
    doubts: tuple[tuple[str, int], ...]
    printed: tuple[ast.expr, ...] = ()


@cache
def read(text: str, handler: str) -> Reading:
    """Read a code, as far as it can be reached from its handler; raise SyntaxError where it is none."""
    tree = parsed(text)
    code = Interpreter(tree)
    live = list(_live(code, tree, handler))
    calls: list[Call] = []
    doubts: list[tuple[str, int]] = []
    variables: list[tuple[Variable, int]] = []
    for node in live:
        for value in code.of(node):
            if isinstance(value, Variable) and isinstance(node, ast.Subscript | ast.Call):
                variables.append((value, node.lineno))
            if _tracked(value) and not _followed(code, node):
                doubts.append((f"{_shown(value)} is passed to code that is not analysed", node.lineno))
        if isinstance(node, ast.Call):
            for value in code.of(node.func):
                doubts += ((doubt, node.lineno) for doubt in _doubtful(value, node))
                if isinstance(value, Method) and isinstance(value.owner, Client):
                    calls += _calls(code, value.owner, value.name, node)
    doubts += ((f"it is not known what {_shown(call.client)} does at .{call.operation}", call.line) for call in calls if
               not call.operation or not call.client.service)  # fmt: skip
    known = [call for call in calls if call.operation and call.client.service]
    prints = [call for call in live if isinstance(call, ast.Call) and Dotted("print") in code.of(call.func)]
    printed = tuple(call.args[0] for call in prints if len(call.args) == 1 and not call.keywords)
    return Reading(code, tuple(known), tuple(variables), tuple(dict.fromkeys(doubts)), printed)


def _live(code: Interpreter, tree: ast.Module, handler: str) -> Iterator[ast.expr]:
    """Give the expressions that can be reached: of the module, the handler, methods, and what those refer to."""
    waiting: dict[int, list[ast.expr]] = {}
    ready: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            within = _function(code.names.scopes.get(id(node)))
            named = within is not None and within.name != handler and not _registered(code, within)
            (waiting.setdefault(id(within), []) if named else ready).append(node)
    while ready:
        node = ready.pop(0)
        yield node
        if isinstance(node, ast.Name):
            for value in code.of(node):
                if isinstance(value, Routine):
                    ready += waiting.pop(id(value.node), [])


def _registered(code: Interpreter, function: Function) -> bool:
    """Tell whether an object of the code takes a function by a decorator, as crhelper's does, to call it later."""
    for decorator in function.decorator_list:
        root: ast.expr = decorator
        while isinstance(root, ast.Attribute | ast.Call):
            root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Name) and not all(isinstance(value, Dotted) for value in code.of(root)):
            return True
    return False


def _function(scope: Scope | None) -> Function | None:
    """Return the function that has to be called for what stands in a scope to run, if there is one."""
    while scope is not None and not isinstance(scope.node, Function):
        scope = scope.parent
    if scope is None or not isinstance(scope.node, Function):
        return None
    return None if scope.parent is not None and isinstance(scope.parent.node, ast.ClassDef) else scope.node


def _tracked(value: Value) -> bool:
    if isinstance(value, Dotted):
        return value.name.startswith(("boto3", "botocore.session")) or value.name == ENVIRONMENT
    return isinstance(value, Client) or (isinstance(value, Method) and isinstance(value.owner, Client))


def _followed(code: Interpreter, node: ast.expr) -> bool:
    """Tell whether a client stands where its way is followed: called, looked into, named, returned, handed over."""
    parent = code.names.parents.get(id(node))
    if isinstance(parent, ast.keyword):
        parent = code.names.parents.get(id(parent))
    match parent:
        case ast.Call() if parent.func is not node:
            return all(isinstance(value, Routine) for value in code.of(parent.func))
        case ast.Assign():
            return all(isinstance(target, ast.Name) for target in parent.targets)
        case ast.AnnAssign():
            return isinstance(parent.target, ast.Name)
        case ast.Attribute() if ENVIRONMENT in [v.name for v in code.of(node) if isinstance(v, Dotted)]:
            return parent.attr == "get"
        case ast.Subscript():
            return parent.value is node
        case ast.Call() | ast.Attribute() | ast.NamedExpr() | ast.Return() | ast.IfExp() | ast.BoolOp():
            return True
        case ast.withitem() | ast.Expr() | ast.arguments() | ast.Compare() | ast.UnaryOp() | ast.If():
            return True
    return False


def _doubtful(value: Value, node: ast.Call) -> Iterator[str]:
    if isinstance(value, Dotted):
        known = value.name in CLIENTS or value.name.startswith(MAKES_VALUES)
        known = known or (value.name in SESSIONS and not node.args and not node.keywords)
        if value.name in DYNAMIC or (value.name.startswith(("boto3", "botocore.session")) and not known):
            yield f"it is not known what {value.name}() makes"


def _shown(value: Value) -> str:
    match value:
        case Client():
            return f"the client of {value.service or 'an unnamed service'}"
        case Method(Client() as client, name):
            return f"{name} of the client of {client.service}"
        case Dotted():
            return value.name
    return "a value"


def _calls(code: Interpreter, client: Client, name: str, node: ast.Call) -> Iterator[Call]:
    """Give the calls that a method of a client makes; one without an operation where that is not known."""
    values = tuple(value for _, value in client.arguments)
    operations: tuple[str, ...] = (name,)
    fixed: tuple[tuple[str, Values], ...] = ()
    if client.kind == "get_paginator":
        operations = tuple(str(value.value) if isinstance(value, Known) else "" for value in values[0]) or ("",)
    elif client.kind == "get_waiter":
        operations = ("",)
    elif client.kind not in ("client", "resource"):
        names = OBJECTS.get((client.service, client.kind), ())
        fixed = tuple(zip(names, values, strict=False))
        plain = client.kind in ("Table", "Queue", "Topic")
        operations = (OPERATIONS.get(f"{client.kind}.{name}", name if plain else ""),) if names else ("",)
    elif name in LOCAL or name in ("get_paginator", "get_waiter") or (client.kind == "resource" and name[:1].isupper()):
        return
    yield from (Call(client, operation, node, code, fixed) for operation in operations)
