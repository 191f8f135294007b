"""Functions that run at the edge: distributions of CloudFront name a version of each."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import values_at
from stackproof.topology.event_sources import function_of
from stackproof.topology.handed_on import handed_on

BEHAVIOURS = ("DistributionConfig.DefaultCacheBehavior", "DistributionConfig.CacheBehaviors.*")


@memoised
def at_edge(stack: Stack) -> frozenset[str]:
    """Return the functions of a stack of which one of its distributions names a version."""
    return frozenset(_named(stack))


def _named(stack: Stack) -> Iterator[str]:
    for _, properties in stack.of_type("AWS::CloudFront::Distribution"):
        for behaviour in BEHAVIOURS:
            for _, arn in values_at(properties, f"{behaviour}.LambdaFunctionAssociations.*.LambdaFunctionARN"):
                if function := function_of(stack, arn):
                    yield function


def versions_handed_on(stack: Stack) -> frozenset[str]:
    """Return the functions of which a stack hands on a version: another stack may name it at the edge."""
    versions = (
        function_of(stack, properties.get("FunctionName"))
        for logical, properties in stack.of_type("AWS::Lambda::Version")
        if logical in handed_on(stack)
    )
    return frozenset(function for function in versions if function)
