"""Which resource of a stack a value refers to, and for which resources another one waits."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.aws.references import FORMATS, Format
from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised


@memoised
def resources_by_name(stack: Stack, *types: str) -> Mapping[str, str]:
    """Return the texts that name the resources of some types (Ref, names, ids, ARNs), each with the resource's id."""
    return {text: logical for logical, _ in stack.of_type(*types) for text in forms(stack, logical)}


@memoised
def forms(stack: Stack, logical: str) -> tuple[str, ...]:
    """Return the texts that name a resource in its own stack."""
    references = stack.evaluator.references
    row = FORMATS.get(stack.resources[logical]["Type"], Format())
    own = [name for name, text in row.attributes.items() if "{name}" in text or "{token}" in text]
    return str(references.ref(logical)), *(str(references.attribute(logical, name)) for name in own)


@memoised
def arns(stack: Stack, logical: str) -> tuple[str, ...]:
    """Return the ARNs of a resource; of a global table that of each replica."""
    found = [text for text in forms(stack, logical) if text.startswith("arn:")]
    if stack.resources[logical]["Type"] == "AWS::DynamoDB::GlobalTable":
        own = f":{stack.scenario.region}:"
        regions = [replica.get("Region") for replica in stack.resources[logical]["Properties"].get("Replicas", [])]
        found += [text.replace(own, f":{region}:") for text in found for region in regions]
    return tuple(dict.fromkeys(found))


@memoised
def created_names(stack: Stack) -> Mapping[str, str]:
    """Return the names, ids and ARNs of all that a stack creates, each with the resource's id."""
    found = stack.resources
    return {text: logical for logical in found for text in (*forms(stack, logical), *arns(stack, logical))}


def waits_for(stack: Stack, logical: str) -> frozenset[str]:
    """Return what is there before a resource and goes after it: all that it refers to or depends on, at any remove."""
    met: set[str] = set()
    waiting = [logical]
    while waiting:
        for one in stack.depends[waiting.pop()] - met:
            met.add(one)
            waiting.append(one)
    return frozenset(met)
