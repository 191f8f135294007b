"""What every expression of a code may be worth, worked out on demand and without running the code.

A name is worth all that it is bound to anywhere in its scope, a parameter all that is given for it at any call,
a call of the code's own function all that the function may return.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from stackproof.code.call_results import Returns
from stackproof.code.scopes import Binding, Function, Names, Scope
from stackproof.code.values import (
    Display,
    Dotted,
    HandlerInput,
    Item,
    Joined,
    Known,
    Parsed,
    Part,
    Routine,
    Unknown,
    Value,
    Values,
)


class Interpreter(Returns):
    """The values of the expressions of one code."""

    def __init__(self, tree: ast.Module) -> None:
        self.names = Names(tree)
        self.memo: dict[tuple[int, int], Values] = {}
        self.open: set[tuple[int, int]] = set()
        self.circles = 0
        self.callers: dict[int, list[ast.Call]] = {}
        self.passed: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._note_use(node)

    def _note_use(self, node: ast.Name) -> None:
        scope = self.names.scopes[id(node)].find(node.id)
        for binding in scope.bindings[node.id] if scope else ():
            if binding.kind == "function":
                parent = self.names.parents[id(node)]
                if isinstance(parent, ast.Call) and parent.func is node:
                    self.callers.setdefault(id(binding.node), []).append(parent)
                else:
                    self.passed.add(id(binding.node))

    def of(self, node: ast.expr, scope: Scope | None = None) -> Values:
        """Return all that an expression may be worth; nothing for one that only leads round in a circle."""
        scope = scope or self.names.scopes[id(node)]
        key = (id(node), id(scope))
        if key in self.memo:
            return self.memo[key]
        if key in self.open:
            self.circles += 1
            return ()
        before = self.circles
        self.open.add(key)
        found = tuple(dict.fromkeys(self._of(node, scope)))
        self.open.discard(key)
        if before == self.circles or not self.open:
            self.memo[key] = found
        return found

    def _of(self, node: ast.expr, scope: Scope) -> Iterator[Value]:
        match node:
            case ast.Name():
                yield from self._name(node, scope)
            case ast.Attribute():
                for value in self.of(node.value, scope):
                    yield from self.attribute(value, node.attr)
            case ast.Subscript():
                for value in self.of(node.value, scope):
                    for key in self.of(node.slice, scope):
                        yield from self.part(value, key.value if isinstance(key, Known) else key)
            case ast.Call():
                for value in self.of(node.func, scope):
                    yield from self.returned(value, node, scope)
            case ast.NamedExpr() | ast.Await() | ast.Starred():
                yield from self.of(node.value, scope)
            case ast.IfExp():
                yield from (*self.of(node.body, scope), *self.of(node.orelse, scope))
            case ast.BoolOp():
                yield from (value for operand in node.values for value in self.of(operand, scope))
            case _:
                yield self._written(node, scope)

    def _written(self, node: ast.expr, scope: Scope) -> Value:
        """Return the value of an expression that says it all: a constant, a text put together, a display."""
        match node:
            case ast.Constant():
                return Known(node.value)
            case ast.JoinedStr():
                return Joined(tuple(self.of(part, scope) for part in node.values))
            case ast.FormattedValue() if node.format_spec is None and node.conversion == -1:
                return Joined((self.of(node.value, scope),))
            case ast.BinOp(op=ast.Add()):
                return Joined((self.of(node.left, scope), self.of(node.right, scope)))
            case ast.Dict() | ast.List() | ast.Tuple() | ast.Set() | ast.BinOp(op=ast.BitOr()):
                return Display(node, scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return Display(node, scope)
        return Unknown(node)

    def _name(self, node: ast.Name, scope: Scope) -> Iterator[Value]:
        found = scope.find(node.id)
        if found is None:
            yield Dotted(node.id)
            return
        later = tuple(
            (key, value, where)
            for name, key, value, where in self.names.changes
            if name == node.id and where.find(name) is found
        )
        for binding in found.bindings[node.id]:
            for value in self._bound(binding, found):
                yield Display(value.node, value.scope, later) if isinstance(value, Display) and later else value

    def _bound(self, binding: Binding, scope: Scope) -> Iterator[Value]:
        node = binding.node
        if binding.kind == "module":
            yield Dotted(binding.name)
        elif binding.kind == "function" and isinstance(node, Function):
            yield Routine(node)
        elif binding.kind == "parameter" and isinstance(node, Function):
            yield from self._parameter(node, binding.name)
        elif binding.kind in ("value", "item") and isinstance(node, ast.expr):
            where = self.names.scopes.get(id(node), scope)
            values = self.of(node, where)
            for index in binding.path:
                values = tuple(part for value in values for part in self.part(value, index))
            yield from values
        elif binding.kind == "element" and isinstance(node, ast.expr):
            yield from self._element(binding, node)
        else:
            yield Unknown(node)

    def _element(self, binding: Binding, node: ast.expr) -> Iterator[Value]:
        for value in self.of(node):
            members = [of for element in self.elements(value) or () for of in self.of(*element)]
            outside = isinstance(value, HandlerInput | Part | Item | Parsed)
            for inner in members or [Item(value) if outside else Unknown(node)]:
                parts: Values = (inner,)
                for index in binding.path:
                    parts = tuple(piece for whole in parts for piece in self.part(whole, index))
                yield from parts

    def _parameter(self, function: Function, name: str) -> Iterator[Value]:
        calls = self.callers.get(id(function), [])
        if id(function) in self.passed:
            yield Unknown(function)
        elif not calls:
            yield HandlerInput(name)
        arguments = [*function.args.posonlyargs, *function.args.args]
        position = next((index for index, argument in enumerate(arguments) if argument.arg == name), None)
        for call in calls:
            by_name = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
            if any(isinstance(argument, ast.Starred) for argument in call.args) or any(
                keyword.arg is None for keyword in call.keywords
            ):
                yield Unknown(call)
            elif by_name is not None:
                yield from self.of(by_name)
            elif position is not None and position < len(call.args):
                yield from self.of(call.args[position])
            else:
                yield from self._default(function, name)

    def _default(self, function: Function, name: str) -> Iterator[Value]:
        defaults: dict[str, ast.expr | None] = dict(
            zip((argument.arg for argument in function.args.kwonlyargs), function.args.kw_defaults, strict=True)
        )
        arguments = [*function.args.posonlyargs, *function.args.args]
        if function.args.defaults:
            last = arguments[-len(function.args.defaults) :]
            defaults |= dict(zip((argument.arg for argument in last), function.args.defaults, strict=True))
        default = defaults.get(name)
        if default is None:
            yield Unknown(function)
        else:
            yield from self.of(default)
