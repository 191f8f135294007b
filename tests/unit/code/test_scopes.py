"""Each expression of a code stands in a scope, whatever Python's grammar has around it."""

import ast
import dataclasses
import functools
import inspect

import pytest

from stackproof.code.interpreter import Interpreter

GRAMMAR = """
import abc
def helper(): ...
def annotated(a: helper, *rest: dict[str, helper], key: int = helper, **more: helper) -> helper: return [a]
async def later(a: list = helper): return await a
class Made(abc.ABC, metaclass=helper):
    field: helper = helper
call = lambda a, b=helper: (a, b)
match call:
    case [helper, *others] if others: print(others)
    case {"a": 1, **left}: print(left)
    case str() as written: print(written)
"""


@pytest.mark.parametrize("code", [GRAMMAR, inspect.getsource(dataclasses), inspect.getsource(functools)])
def test_each_expression_stands_in_a_scope(code: str) -> None:
    tree = ast.parse(code)
    scopes = Interpreter(tree).names.scopes
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.expr) and id(node) not in scopes] == []
