"""Who reads which stream or queue: event source mappings with their source and their function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import number
from stackproof.topology.resource_index import resource_of, resources_by_name

LOAD = 10_000
"""Records a second that the platform must carry in each region."""

LAMBDA_TIMEOUT = 3
"""Seconds that a function may run where it states none. Source: AWS::Lambda::Function, "Timeout"."""


class Consumer(NamedTuple):
    """An event source mapping: its logical id and properties, and those of its source and its function."""

    mapping: str
    properties: Mapping[str, Any]
    source: str
    function: str

    def of(self, stack: Stack, logical: str) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = stack.resources[logical].get("Properties", {})
        return properties

    def timeout(self, stack: Stack) -> float:
        """Return the seconds that the function may run."""
        return number(self.of(stack, self.function), "Timeout", LAMBDA_TIMEOUT)


@memoised
def consumers(stack: Stack, *sources: str) -> tuple[Consumer, ...]:
    """Return the event source mappings from sources of the given types to functions, both of this stack."""
    return tuple(_consumers(stack, sources))


def _consumers(stack: Stack, sources: Sequence[str]) -> Iterator[Consumer]:
    known = dict(resources_by_name(stack, *sources))
    for logical, _ in stack.of_type(*sources):
        known[str(stack.evaluator.references.attribute(logical, "StreamArn"))] = logical
    for logical, properties in stack.of_type("AWS::Lambda::EventSourceMapping"):
        function = function_of(stack, properties.get("FunctionName"))
        source = known.get(str(properties.get("EventSourceArn")))
        if function and source:
            yield Consumer(logical, properties, source, function)


def function_of(stack: Stack, name: Any) -> str | None:
    """Return the function of the stack that a name or an ARN means, whole or in part, with a version or an alias.

    Source: AWS Lambda API Reference, "Invoke", "FunctionName": my-function, my-function:v1,
    arn:aws:lambda:us-west-2:123456789012:function:my-function, 123456789012:function:my-function.
    """
    return _function_of(stack, str(name))


@memoised
def _function_of(stack: Stack, text: str) -> str | None:
    if not text.startswith("arn:"):
        text = text.removeprefix(f"{stack.scenario.account}:function:")
    kind = "AWS::Lambda::Function"
    return resource_of(stack, text, kind) or resource_of(stack, text.rpartition(":")[0], kind)
