"""What a value of the template becomes in each region, and which resources of the two stacks it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path, Place
from stackproof.topology.resource_index import resources_of

LONGEST = 2000
"""Characters of a value that are shown."""


class NotThere(Exception):  # noqa: N818 - it says what is the case
    """A value that a stack does not have, and why."""


def path_in(stack: Stack, path: Path) -> Path:
    """Return where a value of the template is in a stack, up to the function that makes it; raise NotThere."""
    node: Any = stack.template.value
    found: list[str | int] = []
    steps = iter(path)
    for key in steps:
        if stack.is_call(node):
            if key != "Fn::If":
                break
            side = next(steps, 0)
            outcome = stack.conditions[node["Fn::If"][0]]
            if side == 0 or outcome is None:
                break
            if side != (1 if outcome else 2):
                raise NotThere(f"the other branch is taken: {node['Fn::If'][0]} is {str(outcome).lower()}")
            node = node["Fn::If"][side]
            continue
        if isinstance(node, list):
            index = stack.index_of(node, int(key))
            if index is None:
                raise NotThere("left out: AWS::NoValue")
            found.append(index)
        else:
            found.append(key)
        node = node[key]
    return tuple(found)


def value_in(stack: Stack, path: Path) -> Any:
    """Return what a value of the template is in a stack; raise NotThere."""
    if path[:1] == ("Parameters",) and len(path) > 1:
        return stack.evaluator.scope.shown.get(str(path[1]))
    if path[:1] == ("Conditions",) and len(path) > 1:
        return stack.conditions.get(str(path[1]))
    if len(path) > 1 and path[0] in ("Resources", "Outputs") and path[1] not in stack.value.get(str(path[0]), {}):
        raise NotThere("not created: its condition is false")
    found: Any = stack.value
    for key in path_in(stack, path):
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            raise NotThere("it stands in no resolved stack") from None
    return found


def described(deployment: Deployment, path: Path) -> str:
    """Return Markdown that says what a value becomes in the stacks of a deployment, "" of what is no value there."""
    if len(path) < 2 or path[0] not in ("Parameters", "Conditions", "Resources", "Outputs"):
        return ""
    parts = []
    for stack in deployment.stacks:
        where = f"**{stack.scenario.side}**, {stack.scenario.region}"
        try:
            shown = json.dumps(value_in(stack, path), indent=2, ensure_ascii=False)
            parts.append(f"{where}:\n```json\n{shown[:LONGEST]}{'…' if len(shown) > LONGEST else ''}\n```")
        except NotThere as reason:
            parts.append(f"{where}: {reason}")
    return "\n\n".join([*parts, f"in the scenario {deployment.name}"])


def named_by(deployment: Deployment, path: Path) -> Iterator[Place]:
    """Give the places of the resources that a value names: those of the other region first, each place once."""
    seen = set()
    for stack in deployment.stacks:
        try:
            value = value_in(stack, path)
        except NotThere:
            continue
        for text in _texts(value):
            for creator in (deployment.other(stack), stack):
                for logical in resources_of(creator, text):
                    place = creator.place(("Resources", logical))
                    if place not in seen and path[:2] != ("Resources", logical):
                        seen.add(place)
                        yield place


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
