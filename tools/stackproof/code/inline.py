"""The functions whose code stands in the template: their text, syntax tree, environment, and place of every line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Finding, Path, Place


@dataclass(frozen=True)
class Inline:
    """A function of a resolved stack whose code is inline."""

    stack: Stack
    logical: str
    properties: Mapping[str, Any]
    text: str

    @property
    def path(self) -> Path:
        return ("Resources", self.logical, "Properties", "Code", "ZipFile")

    @property
    def environment(self) -> Mapping[str, str]:
        variables: Mapping[str, str] = self.properties.get("Environment", {}).get("Variables", {})
        return variables

    @property
    def runtime(self) -> str:
        return str(self.properties.get("Runtime", ""))

    def tree(self) -> ast.Module:
        """Return the syntax tree; raise CannotTell for another language, or code that does not compile."""
        if not self.runtime.startswith("python"):
            raise CannotTell(
                f"the code of {self.logical} runs on {self.runtime}, which is not read here",
                self.stack.place(self.path),
                "write it in Python",
            )
        try:
            return parsed(self.text)
        except SyntaxError as error:
            place = self.place(error.lineno or 1)
            raise CannotTell(f"the code of {self.logical} does not compile: {error.msg}", place, "mend it") from None

    def place(self, line: int) -> Place:
        """Return where a line of the code stands in the template."""
        origin = self.stack.origin(self.path)
        node = _at(self.stack.template.value, origin)
        if isinstance(node, dict) and list(node) == ["Fn::Join"] and node["Fn::Join"][0] == "\n":
            begins = 1
            for index, item in enumerate(node["Fn::Join"][1]):
                ends = begins + (item.count("\n") if isinstance(item, str) else 0)
                if begins <= line <= ends:
                    return self.stack.template.place((*origin, "Fn::Join", 1, index))
                begins = ends + 1
        return self.stack.template.place(origin)

    def finding(self, line: int, message: str, fix: str) -> Finding:
        return replace(self.stack.finding(self.path, message, fix), place=self.place(line))


def inline_functions(stack: Stack) -> Iterator[Inline]:
    """Give every function of a stack whose code is inline."""
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        text = properties.get("Code", {}).get("ZipFile")
        if isinstance(text, str):
            yield Inline(stack, logical, properties, text)


@cache
def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a code; raise SyntaxError where it has none."""
    try:
        return ast.parse(text)
    except ValueError as error:
        raise SyntaxError(str(error)) from None


@cache
def words(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys that a code reads, and those of the mappings that it makes."""
    read: set[str] = set()
    said: set[str] = set()
    for node in ast.walk(parsed(text)):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                (read if isinstance(node.ctx, ast.Load) else said).add(key)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
                read.add(key)
            case ast.Dict():
                said |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
            case ast.keyword(arg=str(key)):
                said.add(key)
    return frozenset(read), frozenset(said)


def _at(node: Any, path: Path) -> Any:
    for key in path:
        node = node[key]
    return node
