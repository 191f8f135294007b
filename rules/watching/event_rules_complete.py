"""Every event rule sends what it matches to someone, and its pattern leaves nothing open.

A rule without a target, or with an empty list in its pattern, is taken or refused only when the stack is created, and
wakes nobody. Events of sources that are not AWS's are named by whoever sends them: code that reads the source has to
know it by the same name, or it takes the events for something else.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_mapping, properties_path
from stackproof.code.inline import inline_functions
from stackproof.topology.event_sources import function_of

APPLIES_TO = ("AWS::Events::Rule",)
READS_SOURCE = re.compile(r"""['"]source['"]""")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            path: Path = properties_path(logical)
            if not properties.get("Targets"):
                yield stack.finding(path, f"{logical} has no target, so what it matches is lost", "name a target")
            if "EventPattern" not in properties and "ScheduleExpression" not in properties:
                yield stack.finding(path, f"{logical} has neither a pattern nor a schedule", "give it one")
            if properties.get("State", "ENABLED") == "DISABLED":
                yield stack.finding((*path, "State"), f"{logical} is switched off", "enable it, or remove it")
            # A rule by a schedule alone has no pattern.
            patterns = [as_mapping(properties["EventPattern"])] if "EventPattern" in properties else []
            for where, what in (fault for pattern in patterns for fault in empty(pattern, (*path, "EventPattern"))):
                yield stack.finding(where, f"{logical} matches {what} of nothing", "name values, or leave it out")
            yield from unknown_sources(stack, logical, properties)


def empty(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Give the fields of a pattern that have no value to match."""
    if value in ([], {}, ""):
        yield path, ".".join(str(key) for key in path[4:]) or "events"
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if not (isinstance(member, list | str) and key in ("exists", "anything-but", "prefix", "suffix")):
            yield from empty(member, (*path, key))


def unknown_sources(stack: Stack, logical: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    """Find sources that are not AWS's, and that the code of a target, which reads the source, never names."""
    sources = as_mapping(properties.get("EventPattern")).get("source", [])
    own = [source for source in sources if isinstance(source, str) and source and not source.startswith("aws.")]
    targets = {function_of(stack, target.get("Arn")) for target in properties.get("Targets", [])} if own else set()
    for function in inline_functions(stack) if own else ():
        for source in own:
            if function.logical in targets and source not in function.text and READS_SOURCE.search(function.text):
                message = f"{logical} takes events of {source!r}, which the code of {function.logical} does not name"
                path = properties_path(logical, "EventPattern", "source", sources.index(source))
                yield stack.finding(path, message, "name the source in both alike")
