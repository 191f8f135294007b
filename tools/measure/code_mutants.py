"""Small changes to a module's code, one at a time: what a mistake would look like.

Left alone are docstrings, annotations, decorators and the words of messages, which are for people.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from types import CodeType
from typing import NamedTuple

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Pow: ast.Mult, ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}  # fmt: skip
UNTOUCHED = ("annotation", "returns", "decorator_list", "ctx")
SPEAKING = ("refuse", "refused", "CannotTell", "ValueError", "_refusal", "_finding")
WORDS = ("message", "fix", "shown", "what", "where", "way", "wanted", "allowed", "known", "problem")
"""Functions that are given a message, and names that one is kept in."""
ROUND = ("sorted", "list", "tuple", "set", "frozenset", "bool", "str")
"""Functions that may be left out around their one argument."""
LONGEST, AROUND = 90, 30
"""Characters of a line that is shown whole, and of what is shown around a difference in a longer one."""


class Mutant(NamedTuple):
    """A changed module: `where` is the function or method changed, "" outside all; `lines` are the statement's."""

    module: str
    where: str
    lines: range
    before: str
    after: str
    code: CodeType

    def __str__(self) -> str:
        where = f"{self.module}.{self.where}".rstrip(".")
        return f"{where}: {' → '.join(f'`{part}`' for part in _differing(self.before, self.after))}"


class Site(NamedTuple):
    """A part of a tree that can be changed: how it is put there, what may stand instead."""

    put: Callable[[ast.AST], None]
    node: ast.AST
    instead: list[ast.AST]
    where: str
    statement: ast.stmt


def mutants(module: str, text: str, path: str) -> Iterator[Mutant]:
    tree = ast.parse(text)
    for put, node, instead, where, statement in list(_sites(tree, "", None, False)):
        before = _line(statement)
        lines = range(statement.lineno, (statement.end_lineno or 0) + 1)
        for other in instead:
            put(ast.fix_missing_locations(ast.copy_location(other, node)))
            after = _line(other if isinstance(other, ast.stmt) else statement)
            yield Mutant(module, where, lines, before, after, compile(tree, path, "exec"))
        put(node)


def _differing(before: str, after: str) -> tuple[str, str]:
    """Cut off what two long lines have in common, but for some of it around the difference."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    start = max(0, _alike(before, after) - AROUND)
    end = max(0, _alike(before[start:][::-1], after[start:][::-1]) - AROUND)
    return before[start : len(before) - end], after[start : len(after) - end]


def _alike(first: str, second: str) -> int:
    """Return how many letters two texts begin with that are the same."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))


def _line(statement: ast.stmt) -> str:
    """Return a statement as one line: of one that holds others, its head."""
    return ast.unparse(statement).splitlines()[0]


def _sites(node: ast.AST, where: str, statement: ast.stmt | None, quiet: bool) -> Iterator[Site]:
    for field, value in ast.iter_fields(node):
        if field in UNTOUCHED or _is_docstring(node) or (where == "" and _is_type(node)):
            continue
        for child, put in _children(node, field, value):
            own = child if isinstance(child, ast.stmt) else statement
            hushed = quiet or _speaks(child) or isinstance(node, ast.JoinedStr)
            inner = where
            if isinstance(child, ast.FunctionDef | ast.ClassDef) and (where == "" or _in_class(node)):
                inner = f"{where}.{child.name}".lstrip(".")
            if own is not None and (instead := list(_instead(child, hushed))):
                yield Site(put, child, instead, _function(inner, field), own)
            yield from _sites(child, inner, own, hushed)


def _children(node: ast.AST, field: str, value: object) -> Iterator[tuple[ast.AST, Callable[[ast.AST], None]]]:
    if isinstance(value, ast.AST):
        yield value, lambda new: setattr(node, field, new)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, ast.AST):
                yield item, lambda new, index=index: value.__setitem__(index, new)  # type: ignore[misc]


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)


def _in_class(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef)


def _function(where: str, field: str) -> str:
    """Defaults are worked out where the function is made, not in it."""
    return "" if field in ("defaults", "kw_defaults") else where


def _speaks(node: ast.AST) -> bool:
    """Tell whether a part of the code holds the words of a message."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return called in SPEAKING
    if isinstance(node, ast.Assign):
        return any(getattr(part, "id", "") in WORDS for part in ast.walk(node.targets[0]))
    return isinstance(node, ast.JoinedStr) and any(
        isinstance(part, ast.Constant) and " " in str(part.value) for part in node.values
    )


def _instead(node: ast.AST, quiet: bool) -> Iterator[ast.AST]:
    if type(node) in OPERATORS:
        yield OPERATORS[type(node)]()
    elif isinstance(node, ast.Constant):
        yield from _constants(node.value, quiet)
    elif isinstance(node, ast.BoolOp):
        for left_out in node.values:
            rest = [value for value in node.values if value is not left_out]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.JoinedStr) and not quiet:
        yield ast.Constant("")
    elif isinstance(node, ast.comprehension):
        yield from (ast.comprehension(node.target, node.iter, [], 0) for _ in node.ifs)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.stmt):
        yield from _statements(node)


def _constants(value: object, quiet: bool) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and not quiet and " " not in value.strip():
        yield ast.Constant(f"XX{value}XX" if value else "XX")


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        yield node.func.value
    if isinstance(node.func, ast.Name) and node.func.id in ROUND and len(node.args) == 1:
        yield node.args[0]


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.If):
        yield from (ast.If(ast.Constant(value), node.body, node.orelse) for value in (True, False))
    elif isinstance(node, ast.While):
        yield ast.While(ast.Constant(False), node.body, node.orelse)
    elif isinstance(node, ast.Return) and node.value and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value)
    elif _can_go(node):
        yield ast.Pass()


def _can_go(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return not isinstance(node.targets[0], ast.Name | ast.Tuple)
    return isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
