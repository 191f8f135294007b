"""The sources and types of the platform's own events are spelt alike wherever they stand.

Nothing knows which events a program sends, so a misspelt source or type in a pattern matches nothing and is refused by
nobody. Where event rules and workflows of a deployment name one source or type several times, a single one that is a
letter longer or shorter, or differs in capitals, is taken for misspelt.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, properties_path
from stackproof.code.state_machines import all_states, literal, state_machines
from stackproof.topology.texts import texts

APPLIES_TO = ("AWS::Events::Rule",)
KEYS = {"source": "Source", "detail-type": "DetailType"}
LEAST = 8
"""Letters from which on a letter more or less is no other word."""
Name = tuple[str, str, Path]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        found = [*of_rules(stack), *of_workflows(stack)]
        counted = Counter((key, name) for key, name, _ in found)
        often = [(key, name) for (key, name), times in counted.items() if times > 1]
        for key, name, path in found:
            meant = next((text for kind, text in often if kind == key and misspelt(name, text)), "")
            if meant and counted[key, name] == 1:
                message = f"{path[1]} has the {key} {name!r}, which is {meant!r} elsewhere in the stack"
                yield stack.finding(path, message, "spell it alike")


def misspelt(name: str, other: str) -> bool:
    """Tell whether two texts differ by a letter too many inside, or by capitals alone."""
    longer, shorter = sorted((name, other), key=len, reverse=True)
    if len(shorter) < LEAST or name == other:
        return False
    inside = range(1, len(longer) - 1)
    one_out = len(longer) == len(shorter) + 1 and any(longer[:at] + longer[at + 1 :] == shorter for at in inside)
    return name.lower() == other.lower() or one_out


def of_rules(stack: Stack) -> Iterator[Name]:
    """Give the sources and types in patterns, those left out by anything-but too, but none of the services of AWS."""
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        pattern = as_mapping(properties.get("EventPattern"))
        if not any(str(source).startswith("aws.") for source in as_list(pattern.get("source", []))):
            for key in KEYS:
                for path, text in texts(pattern.get(key, [])):
                    yield key, text, (*properties_path(logical, "EventPattern", key), *path)


def of_workflows(stack: Stack) -> Iterator[Name]:
    for machine in state_machines(stack):
        for state in all_states(machine):
            if str(state.value.get("Resource", "")).endswith(":events:putEvents"):
                arguments = state.arguments()
                entries: Any = arguments.get("Entries") if isinstance(arguments, Mapping) else None
                for entry in filter(None, map(as_mapping, as_list(entries))):
                    for key, spelt in KEYS.items():
                        value = literal(entry.get(spelt), state.language)
                        if isinstance(value, str):
                            yield key, value, machine.at(*state.path)
