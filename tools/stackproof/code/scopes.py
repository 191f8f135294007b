"""What each name of a code may be bound to, scope by scope, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Binding(NamedTuple):
    """How a name comes by a value.

    kind: value (the node's), item (the node's, then `path` of its parts), element (one of the node's),
    parameter, function, module (`name` dotted), opaque.
    """

    kind: str
    node: ast.AST
    name: str = ""
    path: tuple[int, ...] = ()


class Scope:
    """A module, a function, a class or a comprehension, and its names."""

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node = node
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.outer: set[str] = set()

    def bind(self, name: str, binding: Binding) -> None:
        """Bind a name here, or in the module for a global one."""
        scope: Scope = self
        if name in self.outer:
            while scope.parent is not None:
                scope = scope.parent
        scope.bindings.setdefault(name, []).append(binding)

    def find(self, name: str) -> Scope | None:
        """Return the scope that binds a name, from here outwards."""
        scope: Scope | None = self
        while scope is not None and name not in scope.bindings:
            scope = scope.parent
        return scope


class Names(ast.NodeVisitor):
    """The scope and the parent of every node of a tree, and what is put into mappings and lists after they are made.

    `changes` holds name, key (None for what is appended), value and scope.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.scope = self.module
        self.scopes: dict[int, Scope] = {}
        self.inside: dict[int, Scope] = {}
        self.parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        self.changes: list[tuple[str, ast.expr | None, ast.expr, Scope]] = []
        self.visit(tree)

    def visit(self, node: ast.AST) -> None:
        self.scopes[id(node)] = self.scope
        super().visit(node)

    def within(self, node: ast.AST, children: Iterator[ast.AST] | list[ast.AST]) -> None:
        """Visit children in a scope of their own."""
        outer = self.scope
        self.scope = self.inside.setdefault(id(node), Scope(node, outer))
        for child in children:
            self.visit(child)
        self.scope = outer

    def visit_FunctionDef(self, node: Function) -> None:
        self.scope.bind(node.name, Binding("function", node))
        for outside in [*node.decorator_list, *([node.returns] if node.returns else [])]:
            self.visit(outside)
        self.visit_parameters(node)
        self.within(node, list(node.body))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit_parameters(node)
        self.within(node, [node.body])

    def visit_parameters(self, node: Function | ast.Lambda) -> None:
        inner = self.inside.setdefault(id(node), Scope(node, self.scope))
        arguments = node.args
        found = (node.annotation for node in ast.walk(arguments) if isinstance(node, ast.arg))
        annotations = [annotation for annotation in found if annotation]
        for outside in [*arguments.defaults, *(default for default in arguments.kw_defaults if default), *annotations]:
            self.visit(outside)
        extra = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
        for parameter in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            inner.bind(parameter.arg, Binding("parameter", node, parameter.arg))
        for parameter in extra:
            inner.bind(parameter.arg, Binding("opaque", parameter))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.scope.bind(node.name, Binding("opaque", node))
        for outside in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(outside)
        self.within(node, list(node.body))

    def comprehend(self, node: Comprehension) -> None:
        inner = self.inside.setdefault(id(node), Scope(node, self.scope))
        outer, self.scope = self.scope, inner
        for generator in node.generators:
            self.assign(generator.target, "element", generator.iter, ())
        self.scope = outer
        self.within(node, ast.iter_child_nodes(node))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehend  # noqa: N815

    def assign(self, target: ast.AST, kind: str, node: ast.AST, path: tuple[int, ...]) -> None:
        if isinstance(target, ast.Name):
            self.scope.bind(target.id, Binding(kind, node, "", path))
        elif isinstance(target, ast.Tuple | ast.List):
            for index, part in enumerate(target.elts):
                self.assign(part, "item" if kind == "value" else kind, node, (*path, index))
        elif isinstance(target, ast.Starred):
            self.assign(target.value, "opaque", node, path)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.assign(target, "value", node.value, ())
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for part, value in pairs:
                if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name):
                    self.changes.append((part.value.id, part.slice, value, self.scope))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item]):
                self.changes.append((name, None, item, self.scope))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend" | "insert" | "update")):
                found = self.scope.find(name)
                if found is not None:
                    found.bind(name, Binding("opaque", node))
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, "value", node.value, ())
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        scope = self.scope
        while isinstance(self.scope.node, Comprehension) and self.scope.parent is not None:
            self.scope = self.scope.parent
        self.assign(node.target, "value", node.value, ())
        self.scope = scope
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.assign(node.target, "opaque", node, ())
        self.generic_visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.assign(node.target, "element", node.iter, ())
        self.generic_visit(node)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self.assign(node.optional_vars, "value", node.context_expr, ())
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.scope.bind(node.name, Binding("opaque", node))
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.scope.bind(node.name, Binding("opaque", node))
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.scope.bind(node.rest, Binding("opaque", node))
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.outer.update(node.names)

    visit_Nonlocal = visit_Global  # noqa: N815

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name if alias.asname else alias.name.partition(".")[0]
            self.scope.bind(alias.asname or top, Binding("module", node, top))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.scope.bind(alias.asname or alias.name, Binding("module", node, f"{node.module}.{alias.name}"))
