"""Inline code can be read and changed where it stands: one line an item, in the style of the house.

Code in JSON is text in quotes: double quotes and backslashes would be escaped and hide what runs, long lines and
functions run out of sight, and a value that is put together by an intrinsic function is in no editor's view at all.
What differs by stack comes by the environment.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding
from stackproof.code.inline import Inline, inline_functions

APPLIES_TO = ("AWS::Lambda::Function",)
COLUMNS = 88
LINES = 120
BYTES = 4 * 1024 * 1024
"""Of inline code. Source: the page above, "ZipFile"."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for function in inline_functions(stack):
            yield from literal(function)
            lines = function.text.split("\n")
            if len(lines) >= LINES or len(function.text.encode()) > BYTES:
                message = f"the code of {function.logical} has {len(lines)} lines, {LINES - 1} is the most"
                yield function.finding(LINES, message, "shorten it")
            for number, line in enumerate(lines, 1):
                for fault, fix in faults(line):
                    yield function.finding(number, f"line {number} of the code of {function.logical} {fault}", fix)


def faults(line: str) -> Iterator[tuple[str, str]]:
    if '"' in line:
        yield "has a double quote", "write single quotes"
    if "\\" in line:
        yield "has a backslash", "write it without escapes"
    if "\t" in line or not line.isprintable():
        yield "has a character that cannot be seen", "write spaces"
    if line != line.rstrip():
        yield "ends in blanks", "remove them"
    if len(line) > COLUMNS:
        yield f"has {len(line)} columns, {COLUMNS} is the most", "break it"


def literal(function: Inline) -> Iterator[Finding]:
    """Give a finding where the code is more than lines of text, joined."""
    node: Any = function.stack.template.value
    for key in function.stack.origin(function.path):
        node = node[key]
    arguments = node.get("Fn::Join") if isinstance(node, dict) and len(node) == 1 else None
    if isinstance(node, str):
        return
    lines = arguments[1] if isinstance(arguments, list) and len(arguments) == 2 and arguments[0] == "\n" else None
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        yield function.finding(
            1, f"the code of {function.logical} is put together by functions", "join lines of text, one an item"
        )
    elif any("\n" in line for line in lines):
        yield function.finding(
            1, f"items of the code of {function.logical} hold several lines", "write one line an item"
        )
