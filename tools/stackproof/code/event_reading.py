"""Which fields of its event a handler reads, through lists and through texts that it parses as JSON."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from stackproof.code.boto3_calls import read
from stackproof.code.inline import Inline, parsed
from stackproof.code.interpreter import Interpreter
from stackproof.code.values import HandlerInput, Item, Known, Parsed, Part, Value

ITEM, PARSED = "[]", "{}"
"""Steps of a path beside the keys of mappings: into any member of a list, and into a text that is parsed as JSON."""
MISSED = {"KeyError", "LookupError", "TypeError", "IndexError"}


class FieldRead(NamedTuple):
    """A field that code cannot do without: its path from the event, and the line where it is read."""

    path: tuple[str, ...]
    line: int


def fields_read(function: Inline) -> tuple[FieldRead, ...]:
    """Return the fields that a handler reads by subscript, but those that it asks for before it reads them.

    Raises CannotTell where the code is none of Python, or too deep.
    """
    function.tree()
    return _fields(function.text, function.handler)


@cache
def _fields(text: str, name: str) -> tuple[FieldRead, ...]:
    tree = parsed(text)
    handler = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
    if handler is None or not handler.args.args:
        return ()
    code, event = read(text, name).code, handler.args.args[0].arg
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            paths = [path for value in code.of(node) if (path := path_of(value, event))]
            paths = [path for path in paths if path[-1] not in (ITEM, PARSED)]
            if paths and not _asked_for(code, node):
                found += [FieldRead(path, node.lineno) for path in paths]
    return tuple(found)


def path_of(value: Value, event: str) -> tuple[str, ...] | None:
    """Return the way from the event to a value, None where the value is not known to be of the event."""
    steps: list[str] = []
    while not isinstance(value, HandlerInput):
        match value:
            case Part(base, key):
                steps.append(key if isinstance(key, str) else ITEM)
            case Item(base):
                steps.append(ITEM)
            case Parsed(base):
                steps.append(PARSED)
            case _:
                return None
        value = base
    return tuple(reversed(steps)) if value.name == event else None


def _asked_for(code: Interpreter, node: ast.expr) -> bool:
    """Tell whether a branch or a handler of exceptions around an expression looks whether something is there."""
    inner: ast.AST | None = node
    outer = code.names.parents.get(id(node))
    while outer is not None and not isinstance(outer, ast.FunctionDef | ast.Module):
        if isinstance(outer, ast.If | ast.IfExp) and inner is not outer.test and _looks(outer.test):
            return True
        if isinstance(outer, ast.BoolOp) and any(_looks(operand) for operand in outer.values if operand is not inner):
            return True
        if isinstance(outer, ast.Try) and inner in outer.body and MISSED.intersection(_caught(outer)):
            return True
        inner, outer = outer, code.names.parents.get(id(outer))
    return _behind_a_return(code, node)


def _behind_a_return(code: Interpreter, node: ast.expr) -> bool:
    """Tell whether the function may return before, by what it finds in a branch."""
    scope: ast.AST | None = node
    while scope is not None and not isinstance(scope, ast.FunctionDef):
        scope = code.names.parents.get(id(scope))
    return scope is not None and any(
        isinstance(inside, ast.If)
        and _looks(inside.test)
        and isinstance(inside.body[-1], ast.Return | ast.Continue | ast.Raise)
        and inside.lineno < node.lineno
        for inside in ast.walk(scope)
    )


def _looks(test: ast.expr) -> bool:
    """Tell whether a test looks what the event is like."""
    for node in ast.walk(test):
        match node:
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                return True
            case ast.Call(func=ast.Attribute(attr="get")) | ast.Call(func=ast.Name(id="isinstance")):
                return True
            case ast.Compare(left=ast.Subscript()):
                return True
    return False


def _caught(block: ast.Try) -> Iterator[str]:
    for handler in block.handlers:
        named = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        yield from (name.id for name in named if isinstance(name, ast.Name))


def known_texts(values: tuple[Value, ...]) -> list[str] | None:
    """Return the texts that a value may be where the code says them, None where it does not."""
    found = [value.value for value in values if isinstance(value, Known) and isinstance(value.value, str)]
    return found if len(found) == len(values) > 0 else None
