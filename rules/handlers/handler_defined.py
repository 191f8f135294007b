"""Inline code defines its handler, which takes an event and a context.

Lambda puts inline code into a file named index, so that the handler is `index.` and the name of a function of the code.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
pack: core
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.inline import Inline, for_each_function, inline_functions

APPLIES_TO = ("AWS::Lambda::Function",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    module, _, name = str(function.properties.get("Handler", "")).partition(".")
    defined = {node.name: node for node in function.tree().body if isinstance(node, ast.FunctionDef)}
    if module != "index" or name not in defined:
        handler = function.properties.get("Handler")
        known = ", ".join(f"index.{name}" for name in defined)
        yield function.stack.finding(
            ("Resources", function.logical, "Properties", "Handler"),
            f"{function.logical} has the handler {handler!r}, but its code defines {known or 'no function'}",
            "name a function of the code as index.<function>",
        )
    else:
        yield from called(function, defined[name])


def called(function: Inline, handler: ast.FunctionDef) -> Iterator[Finding]:
    """Give a finding unless a function can be called with two arguments by position."""
    arguments = handler.args
    places = len(arguments.posonlyargs) + len(arguments.args)
    needed = places - len(arguments.defaults)
    keywords = any(default is None for default in arguments.kw_defaults)
    if needed > 2 or (places < 2 and arguments.vararg is None) or keywords:
        yield function.finding(
            handler.lineno, f"{handler.name} of {function.logical} does not take (event, context)", "give it these two"
        )
