"""The functions whose code stands in the template: their text, syntax tree, environment, and place of every line."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Finding, Findings, Path, Place


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
        """Return the syntax tree; raise CannotTell for another language, and code that does not compile."""
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
            message = f"the code of {self.logical} does not compile: {error.msg}"
            raise CannotTell(message, place, "correct this line") from None
        except TooDeep as error:
            raise self.too_deep(error) from None

    @property
    def handler(self) -> str:
        """The name of the function that Lambda calls."""
        return str(self.properties.get("Handler", "")).rpartition(".")[2]

    @contextmanager
    def analysing(self) -> Iterator[None]:
        """Raise CannotTell of this function where its code is too deep to analyse."""
        try:
            yield
        except TooDeep as error:
            raise self.too_deep(error) from None
        except RecursionError:
            raise self.too_deep(TooDeep("its names lead to each other in too many steps", 1)) from None

    def too_deep(self, error: TooDeep) -> CannotTell:
        """Return the error that the code cannot be analysed."""
        message = f"the code of {self.logical} is too deep to analyse: {error}"
        return CannotTell(message, self.place(error.line), "break it into several shorter statements")

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


def for_each_function(functions: Iterable[Inline], check: Callable[[Inline], Findings]) -> Findings:
    """Check each function for itself: what cannot be analysed of one is an error, and the others are still checked."""
    for function in functions:
        try:
            with function.analysing():
                yield from check(function)
        except CannotTell as error:
            yield error


def for_each_python_function(stack: Stack, check: Callable[[Inline], Findings]) -> Findings:
    """Check each function of a stack that is written in Python for itself; of code that does not compile an error."""

    def of_sound_code(function: Inline) -> Findings:
        function.tree()
        yield from check(function)

    python = (function for function in inline_functions(stack) if function.runtime.startswith("python"))
    yield from for_each_function(python, of_sound_code)


def inline_functions(stack: Stack) -> Iterator[Inline]:
    """Give every function of a stack whose code is inline.

    A `Code` that is text is a folder, which `aws cloudformation package` puts into a bucket. Source: AWS CLI Command
    Reference, "cloudformation package".
    """
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        code = properties.get("Code")
        text = code.get("ZipFile") if isinstance(code, Mapping) else None
        if isinstance(text, str):
            yield Inline(stack, logical, properties, text)


DEEPEST = 100
"""Levels that a syntax tree may have: what reads it goes down by recursion, of which Python allows 1,000 calls."""


class TooDeep(Exception):  # noqa: N818 - it says what the code is
    """A code that is nested too deeply to analyse; `line` is where, or 1 where only Python's parser knows."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@cache
def parsed(text: str) -> ast.Module:
    """Return the syntax tree of a code; raise SyntaxError where it has none, TooDeep where it is deep."""
    try:
        tree = ast.parse(text)
    except ValueError as error:
        raise SyntaxError(str(error)) from None
    except (RecursionError, MemoryError):
        raise TooDeep("Python's parser gives up", 1) from None
    _demand_shallow(tree)
    return tree


def _demand_shallow(tree: ast.Module) -> None:
    level: list[tuple[ast.AST, int]] = [(tree, 1)]
    for _ in range(DEEPEST):
        level = [
            (below, getattr(below, "lineno", line)) for node, line in level for below in ast.iter_child_nodes(node)
        ]
    if level:
        raise TooDeep(f"it is nested in more than {DEEPEST} levels", level[0][1])


@cache
def words(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys that a code reads, and those of the mappings that it makes."""
    read: set[str] = set()
    written: set[str] = set()
    for node in ast.walk(parsed(text)):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                (read if isinstance(node.ctx, ast.Load) else written).add(key)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
                read.add(key)
            case ast.Dict():
                written |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
            case ast.keyword(arg=str(key)):
                written.add(key)
    return frozenset(read), frozenset(written)


def _at(node: Any, path: Path) -> Any:
    for key in path:
        node = node[key]
    return node
