"""Functions whose code stands in the template as modules and as files, their line numbers the template's."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from stackproof.code.inline import Inline, inline_functions
from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import resolve
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Place


class Source(NamedTuple):
    """A function's code as a file: line n of it is line n of the template if `aligned`, else the code's own."""

    name: str
    text: str
    first: Place
    lines: int
    aligned: bool


def collect(template: Document, pairs: Iterable[Pair]) -> tuple[Inline, ...]:
    """Return every function with inline code of any stack, once; raise CannotTell if one's code differs, or none is."""
    found: dict[str, Inline] = {}
    for pair in pairs:
        for side in pair.sides:
            for function in inline_functions(resolve(template, side)):
                known = found.setdefault(function.logical, function)
                if known.text != function.text:
                    raise CannotTell(
                        f"the code of {function.logical} is not the same in all stacks",
                        function.place(1),
                        "let it read what differs from its environment",
                    )
    if not found:
        raise CannotTell(f"{template.path} has no function with inline code", fix="give a template that has one")
    return tuple(found.values())


def environment(function: Inline) -> dict[str, str]:
    """Return the variables that the stack sets, as text, and those of Lambda that follow from the stack.

    Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
    """
    stated = {name: _text(value) for name, value in function.environment.items()}
    region = function.stack.scenario.region
    name = str(function.properties.get("FunctionName", function.logical))
    return stated | {
        "_HANDLER": str(function.properties["Handler"]),
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.properties.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group(function),
    }


def log_group(function: Inline) -> str:
    name = function.properties.get("FunctionName", function.logical)
    return str(function.properties.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}"))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def compiled(function: Inline) -> CodeType:
    """Compile a function's code so that a traceback shows the template's file, line and columns."""
    tree = copy.deepcopy(function.tree())
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            _move(node, function)
    return compile(tree, function.place(1).path, "exec")


def _move(node: Any, function: Inline) -> None:
    """Move a node to where it stands in the template; code columns begin behind the quote of their line."""
    first, last = function.place(node.lineno), function.place(node.end_lineno)
    node.lineno, node.end_lineno = first.line, last.line
    node.col_offset += first.column
    # Lines that share one place keep no order of columns.
    node.end_col_offset = max(node.end_col_offset + last.column, node.col_offset if first.line == last.line else 0)


def load(function: Inline, code: CodeType | None = None) -> ModuleType:
    """Run a function's code as a new module, in the process's own environment."""
    code = code or compiled(function)
    module = ModuleType(str(function.properties["Handler"]).rpartition(".")[0])
    module.__file__ = code.co_filename
    exec(code, module.__dict__)
    return module


def source(function: Inline) -> Source:
    """Return a function's code as a file, led by empty lines until its lines are numbered as in the template."""
    function.tree()
    lines = function.text.split("\n")
    first = function.place(1)
    aligned = all(function.place(index + 1).line == first.line + index for index in range(len(lines)))
    text = "\n" * (first.line - 1 if aligned else 0) + function.text
    return Source(f"{function.logical}.py", text, first, len(lines), aligned)
