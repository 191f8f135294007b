"""What a stack creates, by the texts that name it: physical names and ARNs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.aws.references import FORMATS, Format
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised

ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:[0-9]*:[^\s\"',\\)]+")


@memoised
def identities(stack: Stack) -> Mapping[str, str]:
    """Return every name, id and ARN that CloudFormation forms in a resolved stack, with the resource's logical id.

    The replicas of a global table are the stack's too, though they stand in other regions.
    """
    return dict(_formed(stack))


def _formed(stack: Stack) -> Iterator[tuple[str, str]]:
    references = stack.evaluator.references
    for logical, resource in stack.resources.items():
        texts = [references.ref(logical)]
        texts += [references.attribute(logical, name) for name in FORMATS.get(resource["Type"], Format()).attributes]
        for text in texts:
            if isinstance(text, str):
                yield text, logical
        for replica in _replicas(resource):
            for text in texts:
                if text.startswith("arn:"):
                    yield text.replace(f":{stack.scenario.region}:", f":{replica}:"), logical


def _replicas(resource: Mapping[str, Any]) -> list[str]:
    if resource["Type"] != "AWS::DynamoDB::GlobalTable":
        return []
    return [str(replica.get("Region")) for replica in resource["Properties"].get("Replicas", [])]


def texts(value: Any, path: Path = ()) -> list[tuple[Path, str]]:
    """Return every text below a value, with its path."""
    found: list[tuple[Path, str]] = []
    _collect(value, path, found)
    return found


@memoised
def texts_of(stack: Stack) -> tuple[tuple[Path, str], ...]:
    """Return every text of a stack's resources and outputs, with its path."""
    return tuple(texts({key: stack.value[key] for key in ("Resources", "Outputs") if key in stack.value}))


def _collect(value: Any, path: Path, found: list[tuple[Path, str]]) -> None:
    if isinstance(value, str):
        found.append((path, value))
    elif isinstance(value, dict):
        for key, item in value.items():
            _collect(item, (*path, key), found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, (*path, index), found)
