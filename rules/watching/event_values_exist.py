"""An event rule asks for states that events of its service have.

A misspelt state matches nothing: the rule is there, and the failure that it was made for goes by. Which states there
are is said in a table, a row a service; of others nothing is known.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, as_mapping, properties_path
from stackproof.aws.data import facts

APPLIES_TO = ("AWS::Events::Rule",)
Values = Mapping[str, list[str]]


def check(deployment: Deployment) -> Iterator[Finding]:
    known = facts("services", "event_values")
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            pattern = as_mapping(properties.get("EventPattern"))  # nothing of a rule by a schedule alone
            sources = pattern.get("source")
            services = [str(source).removeprefix("aws.") for source in sources] if isinstance(sources, list) else []
            if len(services) == 1 and services[0] in known:
                path = properties_path(logical, "EventPattern", "detail")
                for at, field, value in strange(pattern.get("detail"), path, known[services[0]]):
                    have = ", ".join(known[services[0]][field])
                    message = f"{logical} asks for the {field} {value!r}, which no event of {services[0]} has"
                    yield stack.finding(at, message, f"ask for some of {have}")


def strange(detail: Any, path: Path, known: Values) -> Iterator[tuple[Path, str, str]]:
    """Give the values of known fields, at any depth of alternatives, that events do not have."""
    members = detail.items() if isinstance(detail, Mapping) else enumerate(detail) if isinstance(detail, list) else ()
    for key, item in members:
        if isinstance(key, str) and key in known and isinstance(item, list):
            for index, value in enumerate(item):
                if isinstance(value, str) and value not in known[key]:
                    yield (*path, key, index), key, value
        elif key == "$or" or isinstance(key, int):
            yield from strange(item, (*path, key), known)
