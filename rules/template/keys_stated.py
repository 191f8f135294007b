"""Every table and index has the key that its scenario states, by which others read it.

Whoever reads a table asks by its key, in the order of its attributes; nothing in the template does, so that a key with
an attribute less would go unnoticed, and rows that differ in it would take each other's place. What is stated is data,
in `keys` of a side of scenarios.yaml: NAME or NAME/INDEX with its attributes.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, properties_path

APPLIES_TO = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        known = dict(keys(stack)) if stack.scenario.stated.keys else {}
        for name, stated in stack.scenario.stated.keys.items():
            path, own = known.get(name, (("Resources",), ""))
            if own != stated:
                message = f"{name} is keyed by {own or 'nothing'}, and read by {stated}"
                yield stack.finding(path, message, "give it the key that the scenarios state")


def keys(stack: Stack) -> Iterator[tuple[str, tuple[Path, str]]]:
    """Give the name of each table and index, with where its key stands, and its attributes."""
    for logical, properties in stack.of_type(*APPLIES_TO):
        name, path = str(stack.evaluator.references.ref(logical)), properties_path(logical)
        yield name, ((*path, "KeySchema"), attributes(properties))
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            for index, index_entry in enumerate(properties.get(kind, [])):
                yield (
                    f"{name}/{index_entry.get('IndexName')}",
                    ((*path, kind, index, "KeySchema"), attributes(index_entry)),
                )


def attributes(holder: Any) -> str:
    ordered = sorted(holder.get("KeySchema", []), key=lambda key: str(key.get("KeyType")))
    return ",".join(str(key.get("AttributeName")) for key in ordered)
