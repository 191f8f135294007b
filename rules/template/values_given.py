"""No property that a parameter or a condition gives is empty.

A parameter that may be empty goes with a condition that leaves out what needs it. Where the condition asks for the
wrong thing, or is gone, the resource is created with an empty text in place of an id: it fails late, or not at all.
Elsewhere an empty text is often meant, and what AWS does not take there the schema of the type says, which cfn-lint
reads.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/conditions-section-structure.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack
from stackproof.topology.texts import texts_of

APPLIES_TO = ("Parameters",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for path, text in texts_of(stack):
            if text == "" and made(stack, path):
                message = f"{'.'.join(str(key) for key in path[1:])} is empty: what gives it was not given"
                yield stack.finding(path, message, "leave the property or the resource out on that condition")


def made(stack: Stack, path: Path) -> bool:
    """Tell whether a function makes a value; an empty text that is written out is meant."""
    node: Any = stack.template.value
    for key in stack.origin(path):
        node = node[key]
    return isinstance(node, dict)
