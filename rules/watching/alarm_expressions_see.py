"""Every alarm on an expression of failures is quiet while nothing fails, and goes off when everything does.

The expression is calculated for three samples: no failures among a million of all else, as many failures as all else,
and one failure, which is not to weigh more than all of them.
A rate that is compared as if it were per cent, a quotient turned round, a difference the wrong way and a success rate
compared from above are all taken by CloudWatch. What the expression asks of functions other than the common ones is not
calculated here.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
pack: resilience
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from stackproof.api import CannotTell, Deployment, Finding, Stack, number, properties_path
from stackproof.aws.metrics import COUNTS

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
MANY = 1_000_000.0
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
BINARY: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
TESTS: Mapping[type, Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
OVER: Mapping[str, Callable[[Sequence[float]], float]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "ABS": lambda values: abs(values[0]),
    "CEIL": lambda values: float(-(-values[0] // 1)),
    "FLOOR": lambda values: float(values[0] // 1),
}
"""Functions of one series, or of several; each series is a single point here."""


class Unread(Exception):  # noqa: N818 - it is no error: the expression is left alone
    """That an expression is not calculated here."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
            yield from of_alarm(stack, logical, properties)


def of_alarm(stack: Stack, logical: str, alarm: Mapping[str, Any]) -> Iterator[Finding]:
    queries = {str(query.get("Id")): query for query in alarm.get("Metrics", [])}
    returned = [name for name, query in queries.items() if query.get("ReturnData", True) is not False]
    beyond = COMPARISONS.get(str(alarm.get("ComparisonOperator")))
    if len(returned) != 1 or "Expression" not in queries[returned[0]] or not beyond or "Threshold" not in alarm:
        return
    counted = {name for name, query in queries.items() if is_count(query)}
    try:
        threshold = number(alarm, "Threshold", 0)
        healthy = value(returned[0], queries, dict.fromkeys(counted, 0.0))
        failing = value(returned[0], queries, dict.fromkeys(counted, MANY))
        few = value(returned[0], queries, dict.fromkeys(counted, 1.0))
    except (Unread, CannotTell):
        return
    if not counted or healthy == failing:
        return
    comparison = f"{alarm['ComparisonOperator']} {threshold:g}"
    index = list(queries).index(returned[0])
    path = properties_path(logical, "Metrics", index, "Expression")
    expression = queries[returned[0]]["Expression"]
    if healthy is not None and beyond(healthy, threshold):
        message = (
            f"{logical} goes off while nothing fails: {expression} is {healthy:g} then, and the bound {comparison}"
        )
        yield stack.finding(path, message, f"set Threshold beyond {healthy:g}, or change the expression")
    if failing is not None and not (beyond(failing, threshold) or isnan(threshold)):
        message = f"{logical} stays quiet while all fail: {expression} is {failing:g} then, and the bound {comparison}"
        yield stack.finding(path, message, f"set Threshold so that {failing:g} is beyond it, or change the expression")
    elif failing is not None and few is not None and beyond(few, threshold) and abs(few) > abs(failing):
        message = (
            f"{logical} has {expression}, which is {few:g} when one in a million fails, and {failing:g} when all do"
        )
        yield stack.finding(path, message, "divide what fails by all there is, not the other way")


def is_count(query: Mapping[str, Any]) -> bool:
    return query.get("MetricStat", {}).get("Metric", {}).get("MetricName") in COUNTS


def value(name: str, queries: Mapping[str, Any], values: Mapping[str, float], depth: int = 0) -> float | None:
    """Return what a query comes to, None for no data point; raise Unread for what is not calculated here."""
    query = queries.get(name)
    if query is None or depth > 20:
        raise Unread
    if "Expression" not in query:
        return values.get(name, MANY)
    text = re.sub(r"\bAND\b|&&", " and ", re.sub(r"\bOR\b|\|\|", " or ", str(query["Expression"])))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise Unread from None
    return of_node(tree, lambda node: value(node, queries, values, depth + 1))


def of_node(node: ast.expr, named: Callable[[str], float | None]) -> float | None:
    def value_of(node: ast.expr) -> float | None:
        return of_node(node, named)

    match node:
        case ast.Constant(value=int() | float() as stated):
            return float(stated)
        case ast.Name(id=name):
            return named(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            found = value_of(operand)
            return None if found is None else -found
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            first, second = value_of(left), value_of(right)
            if first is None or second is None or (isinstance(op, ast.Div) and second == 0):
                return None
            return BINARY[type(op)](first, second)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in TESTS:
            first, second = value_of(left), value_of(right)
            return None if first is None or second is None else float(TESTS[type(op)](first, second))
        case ast.BoolOp(op=op, values=parts):
            met = [bool(value_of(part)) for part in parts]
            return float(all(met) if isinstance(op, ast.And) else any(met))
        case ast.Call(func=ast.Name(id="IF"), args=[test, *branches]) if branches:
            taken = branches[0] if value_of(test) else branches[1] if len(branches) > 1 else None
            return value_of(taken) if taken is not None else None
        case ast.Call(func=ast.Name(id="FILL"), args=[series, filler]):
            found = value_of(series)
            return value_of(filler) if found is None else found
        case (
            ast.Call(func=ast.Name(id=name), args=[ast.List(elts=parts)]) | ast.Call(func=ast.Name(id=name), args=parts)
        ):
            points = [value_of(part) for part in parts] if name in OVER and parts else []
            known = [point for point in points if point is not None]
            if not points:
                raise Unread
            return OVER[name](known) if known else None
    raise Unread
