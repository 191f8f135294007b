"""Which resource of a stack a value refers to, and for which resources another one waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from stackproof.formats import FORMATS, Format
from stackproof.intrinsics import VARIABLE
from stackproof.stack import Stack, static_nodes

_NAMED: WeakKeyDictionary[Stack, dict[tuple[str, ...], Mapping[str, str]]] = WeakKeyDictionary()
_DIRECT: WeakKeyDictionary[Stack, dict[str, frozenset[str]]] = WeakKeyDictionary()


def named(stack: Stack, *types: str) -> Mapping[str, str]:
    """Return the texts that name the resources of some types (Ref, names, ids, ARNs), each with the resource's id."""
    known = _NAMED.setdefault(stack, {})
    if types not in known:
        known[types] = {text: logical for logical, _ in stack.of_type(*types) for text in forms(stack, logical)}
    return known[types]


def forms(stack: Stack, logical: str) -> list[str]:
    """Return the texts that name a resource in its own stack."""
    references = stack.evaluator.references
    row = FORMATS.get(stack.resources[logical]["Type"], Format())
    own = [name for name, text in row.attributes.items() if "{name}" in text or "{token}" in text]
    return [str(references.ref(logical)), *(str(references.attribute(logical, name)) for name in own)]


def arns(stack: Stack, logical: str) -> list[str]:
    """Return the ARNs of a resource; of a global table that of each replica."""
    found = [text for text in forms(stack, logical) if text.startswith("arn:")]
    if stack.resources[logical]["Type"] == "AWS::DynamoDB::GlobalTable":
        own = f":{stack.scenario.region}:"
        regions = [replica.get("Region") for replica in stack.resources[logical]["Properties"].get("Replicas", [])]
        found += [text.replace(own, f":{region}:") for text in found for region in regions]
    return list(dict.fromkeys(found))


def waits_for(stack: Stack, logical: str) -> frozenset[str]:
    """Return what is there before a resource and goes after it: all that it refers to or depends on, at any remove."""
    met: set[str] = set()
    waiting = [logical]
    while waiting:
        for one in _direct(stack, waiting.pop()) - met:
            met.add(one)
            waiting.append(one)
    return frozenset(met)


def _direct(stack: Stack, logical: str) -> frozenset[str]:
    known = _DIRECT.setdefault(stack, {})
    if logical not in known:
        resource = stack.template.value["Resources"][logical]
        depended = resource.get("DependsOn", [])
        names = {depended} if isinstance(depended, str) else set(depended)
        names.update(_referred(stack, resource.get("Properties", {}), static_nodes(stack.template)))
        known[logical] = frozenset(names & stack.resources.keys())
    return known[logical]


def _referred(stack: Stack, node: Any, static: frozenset[int]) -> Iterator[str]:
    """Give the names that a node refers to, through the side of each Fn::If that the scenario takes."""
    if id(node) in static:
        return
    if isinstance(node, list):
        for item in node:
            yield from _referred(stack, item, static)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key == "Ref":
                yield str(item)
            elif key == "Fn::GetAtt":
                yield item.split(".")[0] if isinstance(item, str) else str(item[0])
            elif key == "Fn::If":
                yield from _referred(stack, item[1 if stack.conditions[item[0]] else 2], static)
            else:
                if key == "Fn::Sub":
                    text = item if isinstance(item, str) else item[0]
                    yield from (name.split(".")[0] for name in VARIABLE.findall(text))
                yield from _referred(stack, item, static)


def number(properties: Mapping[str, Any], name: str, otherwise: float) -> float:
    """Return a numeric property, also where it is written as text; raise ValueError for what is no number."""
    return float(properties.get(name, otherwise))


def is_true(value: Any) -> bool:
    """Tell whether a value is true as CloudFormation reads it, which takes "true" as well."""
    return str(value).lower() == "true"
