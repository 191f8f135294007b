"""A function may run longer than its code lets a single call wait.

Lambda ends a function at its Timeout, three seconds if nothing is said: a call that may wait longer than that is cut
off in the middle, and the code behind it, which retries or reports, never runs.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
Source: https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html
pack: resilience
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from stackproof.api import Deployment, Finding, Findings, number
from stackproof.code.inline import Inline, for_each_function, inline_functions, parsed

APPLIES_TO = ("AWS::Lambda::Function",)
DEFAULT = 3
WAITS = ("timeout", "read_timeout", "connect_timeout")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    function.tree()
    seconds, line = longest(function.text)
    limit = number(function.properties, "Timeout", DEFAULT)
    if limit <= seconds:
        message = f"{function.logical} may run {limit:g} s, and a call in line {line} of its code wait {seconds:g} s"
        path = ("Resources", function.logical, "Properties", "Timeout")
        yield function.stack.finding(path, message, "set Timeout to more than its calls may wait")


@cache
def longest(text: str) -> tuple[float, int]:
    """Return how many seconds the code lets one call wait at the most, and in which line; zeroes if it does not say."""
    found = [(0.0, 0)]
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.keyword) and node.arg in WAITS and isinstance(node.value, ast.Constant):
            waits = node.value.value
            found += [(float(waits), node.lineno)] if isinstance(waits, int | float) else []
    return max(found)
