"""The function of a custom resource turns a property into a number or a truth before it uses it as one.

CloudFormation sends every property as a string, whatever it is in the template: 5 comes as "5", false as "false", which
Python takes for true. A sum of such a text and a number fails, "5" is not 5, and `if not` of "false" never holds.
Found are properties used as they come in sums, comparisons with numbers and truths, `range` and `sleep`, tests of a
property that the template gives as a truth, and parameters of AWS's operations that take a number or a truth.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1037 (booleans as strings)
pack: core
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache, partial

from stackproof.api import Deployment, Finding, Findings
from stackproof.aws.botocore_files import inputs
from stackproof.code.boto3_calls import Call, read
from stackproof.code.custom_resources import Custom, custom_resources, property_of
from stackproof.code.inline import Inline, for_each_function, inline_functions
from stackproof.code.interpreter import Interpreter

APPLIES_TO = ("AWS::CloudFormation::CustomResource", "Custom::")
NUMERIC = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.LShift, ast.RShift)
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
COUNTING = ("range", "sleep", "abs", "round", "sum", "timedelta")
NUMBERS, TRUTHS = ("integer", "long", "float", "double"), ("boolean",)
Used = tuple[int, str, str]


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        customs: dict[str, list[Custom]] = {}
        for custom in custom_resources(stack):
            customs.setdefault(custom.function, []).append(custom)
        functions = [answering for answering in inline_functions(stack) if answering.logical in customs]
        for function in functions:
            yield from for_each_function([function], partial(of_function, customs=customs[function.logical]))


def of_function(function: Inline, customs: list[Custom]) -> Iterator[Finding]:
    function.tree()
    reading = read(function.text, function.handler)
    truths = {
        name for custom in customs for name, value in custom.properties.items() if str(value).lower() in TRUE_OR_FALSE
    }
    found = [
        *uses(function.text, function.handler, frozenset(truths)),
        *(used for call in reading.calls for used in passed_strings(call)),
    ]
    for line, name, how in dict.fromkeys(found):
        message = f"{function.logical} uses the property {name}, which comes as a string, as {how}"
        fix = f"write int({name}) or float({name})" if how == "a number" else "compare it with the text: == 'true'"
        yield function.finding(line, message, fix)


TRUE_OR_FALSE = ("true", "false")


@cache
def uses(text: str, handler: str, truths: frozenset[str]) -> tuple[Used, ...]:
    """Return the line, the property and the kind of each use in a code's expressions and tests."""
    return tuple(in_tree(read(text, handler).code, truths))


def in_tree(code: Interpreter, truths: frozenset[str]) -> Iterator[Used]:
    for node in ast.walk(code.names.module.node):
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                counted = isinstance(op, NUMERIC) or is_number(left) or is_number(right)
                parts = [left, right] if counted and not isinstance(left, ast.JoinedStr) and not is_text(left) else []
                yield from named(code, parts, "a number")
            case ast.Compare(left=left, ops=ops, comparators=others):
                parts = [left, *others]
                if any(isinstance(op, ORDER) for op in ops) and any(map(is_number, parts)):
                    yield from named(code, parts, "a number")
                elif any(isinstance(part, ast.Constant) and isinstance(part.value, bool) for part in parts):
                    yield from named(code, parts, "a truth")
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(form)), attr="format"), args=arguments):
                yield from named(code, arguments if re.search(r"\{\d*:[^{}]*[dfeg]\}", form) else [], "a number")
            case ast.FormattedValue(value=inner, format_spec=ast.JoinedStr() as form):
                spec = "".join(str(part.value) for part in form.values if isinstance(part, ast.Constant))
                yield from named(code, [inner] if spec.endswith(tuple("dfeg")) else [], "a number")
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if name in COUNTING:
                yield from named(code, [*arguments, *(keyword.value for keyword in node.keywords)], "a number")
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                yield from (
                    tested_property
                    for tested_property in named(code, tested(test), "a truth")
                    if tested_property[1] in truths
                )


def tested(test: ast.expr) -> list[ast.expr]:
    """Return what a test takes as it is: the parts of `and`, `or` and `not`."""
    match test:
        case ast.BoolOp(values=values):
            return [part for value in values for part in tested(value)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return tested(operand)
    return [test]


def named(code: Interpreter, nodes: list[ast.expr], how: str) -> Iterator[Used]:
    for node in nodes:
        name = property_of(code, node)
        if name:
            yield node.lineno, name, how


def passed_strings(call: Call) -> Iterator[Used]:
    """Give the properties that are passed as they come to a parameter that takes a number or a truth."""
    passed = {keyword.arg: property_of(call.code, keyword.value) for keyword in call.node.keywords if keyword.arg}
    if not any(passed.values()):
        return
    operations, shapes = inputs(call.client.service)
    wanted = call.operation.replace("_", "").lower()
    shape = next((input_ for name, input_ in operations.items() if name.lower() == wanted and input_), "")
    members = shapes.get(shape, {}).get("members", {})
    for parameter, name in passed.items():
        kind = str(shapes.get(members.get(parameter, {}).get("shape", ""), {}).get("type", ""))
        if name and kind in (*NUMBERS, *TRUTHS):
            yield call.line, name, "a number" if kind in NUMBERS else "a truth"


def is_number(node: ast.expr) -> bool:
    value = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(value, ast.Constant) and type(value.value) in (int, float)


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
