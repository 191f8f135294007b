"""What can be taken out of the values of a code: attributes, members, what calls return."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from stackproof.code.scopes import Binding, Names, Scope
from stackproof.code.values import (
    Client,
    Display,
    Dotted,
    HandlerInput,
    Item,
    Known,
    Meta,
    Method,
    Parsed,
    Part,
    Reply,
    Unknown,
    Value,
    Values,
    Variable,
    Written,
)

ENVIRONMENT = "os.environ"
Entry = tuple[Values, Written]


class Parts(ABC):
    """Ways into the values of one code; what an expression is worth is up to the class that extends this one."""

    names: Names

    @abstractmethod
    def of(self, node: ast.expr, scope: Scope | None = None) -> Values:
        """Return all that an expression may be worth."""

    def attribute(self, value: Value, name: str) -> Iterator[Value]:
        match value:
            case Dotted():
                yield Dotted(f"{value.name}.{name}")
            case Client() if name == "meta":
                yield Meta(value)
            case Client() if name == "exceptions":
                yield Unknown()
            case Meta() if name == "region_name":
                yield from value.client.region or (Variable("AWS_REGION"),)
            case Meta() if name == "client":
                yield Client(value.client.service, value.client.region)
            case Unknown():
                yield value
            case _:
                yield Method(value, name)

    def part(self, value: Value, key: Any) -> Iterator[Value]:
        """Give what stands at a key or index of a value."""
        if isinstance(value, Dotted) and value.name == ENVIRONMENT:
            yield Variable(key) if isinstance(key, str) else Unknown()
        elif isinstance(value, HandlerInput | Reply | Part | Item | Parsed) and isinstance(key, str | int):
            yield Part(value, key)
        elif isinstance(value, Display) and isinstance(key, int) and not isinstance(value.node, ast.Dict):
            items = self.elements(value)
            yield from self.of(*items[key]) if items is not None and key < len(items) else (Unknown(value.node),)
        elif isinstance(value, Display) and isinstance(key, str):
            entries = self.entries(value)
            for names, written in entries or ():
                if Known(key) in names or any(not isinstance(name, Known) for name in names):
                    yield from self.of(*written)
            if entries is None:
                yield Unknown(value.node)
        else:
            yield Unknown(value.node if isinstance(value, Display) else None)

    def elements(self, value: Value) -> list[Written] | None:
        """Return the members of a list, tuple or set as they are written, the keys of a mapping; None if unknown."""
        if not isinstance(value, Display):
            return None
        node, scope = value.node, value.scope
        added = [(item, where) for key, item, where in value.later if key is None]
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            if any(isinstance(element, ast.Starred) for element in node.elts):
                return None
            return [*((element, scope) for element in node.elts), *added]
        if isinstance(node, ast.Dict):
            return [(key, scope) for key in node.keys if key is not None]
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            return [*self._unrolled(node, scope), *added]
        return None

    def _unrolled(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Iterator[Written]:
        """Give a comprehension's item once for each element of what it goes over, where those are written out."""
        inner = self.names.inside[id(node)]
        first, *others = node.generators
        sources = [self.elements(value) for value in self.of(first.iter, scope)]
        plain = isinstance(first.target, ast.Name) and not others and not first.ifs
        if not plain or not isinstance(first.target, ast.Name) or len(sources) != 1 or sources[0] is None:
            yield node.elt, inner
            return
        for element, _ in sources[0]:
            turn = Scope(node, inner.parent)
            turn.bind(first.target.id, Binding("value", element))
            yield node.elt, turn

    def entries(self, value: Value) -> list[Entry] | None:
        """Return the keys and values of a mapping as it is written; None if some are unknown."""
        if not isinstance(value, Display):
            return None
        node, scope = value.node, value.scope
        found: list[Entry] = []
        more: list[ast.expr] = []
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if key is None:
                    more.append(item)
                else:
                    found.append((self.of(key, scope), (item, scope)))
        elif isinstance(node, ast.Call) and not node.args:
            found += [((Known(keyword.arg),), (keyword.value, scope)) for keyword in node.keywords if keyword.arg]
            more += [keyword.value for keyword in node.keywords if keyword.arg is None]
        elif isinstance(node, ast.BinOp):
            more += [node.left, node.right]
        elif isinstance(node, ast.DictComp):
            inner = self.names.inside[id(node)]
            found.append((self.of(node.key, inner), (node.value, inner)))
        else:
            return None
        for item in more:
            for mapping in self.of(item, scope):
                entries = self.entries(mapping)
                if entries is None:
                    return None
                found += entries
        return found + [(self.of(key, where), (item, where)) for key, item, where in value.later if key is not None]
