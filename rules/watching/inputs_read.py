"""A function that an event rule calls reads what the rule's target hands it.

Input and InputTransformer put a text of their own in the place of the event: code that goes on reading the event's
fields fails each time. Looked at are functions with inline code that one target alone calls, and the fields which the
code reads of its event without another value for their absence.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
pack: core
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from stackproof.api import Deployment, Finding, Findings, Stack, properties_path
from stackproof.code.inline import Inline, for_each_function, inline_functions
from stackproof.monitoring.delivery import messages
from stackproof.topology.event_sources import function_of

APPLIES_TO = ("AWS::Events::Rule",)
EVENT = frozenset(("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"))


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), partial(of_function, deployment, stack))


def of_function(deployment: Deployment, stack: Stack, function: Inline) -> Iterator[Finding]:
    sent = [message for side in deployment.stacks for message in messages(side)]
    called = [input_ for input_ in sent if function_of(stack, input_.to) == function.logical]
    mapped = (
        function_of(stack, mapping.get("FunctionName"))
        for _, mapping in stack.of_type("AWS::Lambda::EventSourceMapping")
    )
    if len(called) != 1 or called[0].service != "events.amazonaws.com" or function.logical in mapped:
        return
    rule, index = str(called[0].path[1]), int(called[0].path[4])
    target = called[0].stack.resources[rule].get("Properties", {})["Targets"][index]
    fields = handed(target)
    if fields is None:
        return
    function.tree()
    for field in sorted(read(function.text, function.handler) - fields):
        shown = ", ".join(sorted(fields)) or "no fields"
        message = f"{function.logical} reads {field!r} of what {rule} sends it, which has {shown}"
        path = properties_path(rule, "Targets", index)
        yield called[0].stack.finding(path, message, "hand the field on in the target's input, or read what is there")


def handed(target: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the fields of what a target is sent, None where that is not known or is no mapping."""
    if "InputPath" in target:
        return None
    text = target.get("Input", (target.get("InputTransformer") or {}).get("InputTemplate"))
    if text is None:
        return EVENT
    plain = re.sub(r'"<[^<>]*>"|<[^<>]*>', "0", str(text))
    try:
        found = json.loads(plain)
    except ValueError:
        return None
    return frozenset(found) if isinstance(found, dict) else None


@cache
def read(code: str, handler: str) -> frozenset[str]:
    """Return the fields that a handler reads of its event by subscript, and does not set or ask for before."""
    found = next(
        (node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef) and node.name == handler), None
    )
    if found is None or not found.args.args:
        return frozenset()
    event = found.args.args[0].arg
    nodes = list(ast.walk(found))
    asked = {
        node.left.value
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    }
    branches = (node for node in nodes if isinstance(node, ast.If | ast.IfExp) and fields_asked(node.test))
    guarded = {id(inner) for branch in branches for part in body_of(branch) for inner in ast.walk(part)}
    return frozenset(
        node.slice.value
        for node in nodes
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == event
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        and isinstance(node.ctx, ast.Load)
        and node.slice.value not in asked
        and id(node) not in guarded
    )


def body_of(branch: ast.If | ast.IfExp) -> list[ast.AST]:
    """Return what is run where the test of a branch is true."""
    return [*branch.body] if isinstance(branch, ast.If) else [branch.body]


def fields_asked(test: ast.expr) -> bool:
    """Tell whether a test compares what `get` gives of a mapping with a value: elsewhere the branch is not taken."""
    calls = (node.left for node in ast.walk(test) if isinstance(node, ast.Compare))
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "get"
        for call in calls
    )
