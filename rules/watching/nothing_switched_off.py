"""Nothing is written into the template to be switched off: a consumer, a rule, a schedule, an expiry.

A mapping that is disabled reads nothing while its stream forgets the records, a rule that is disabled matches nothing,
and the resource looks as if it were at work. What a condition or a parameter switches off is off on purpose, and left
out here: only a value that is written out is off in every stack.
Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-delete-rule.html
Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-state.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_mapping, properties_path

SWITCHES: dict[str, tuple[tuple[str, ...], Any]] = {
    "AWS::DynamoDB::GlobalTable": (("TimeToLiveSpecification", "Enabled"), True),
    "AWS::DynamoDB::Table": (("TimeToLiveSpecification", "Enabled"), True),
    "AWS::Events::Rule": (("State",), "ENABLED"),
    "AWS::Lambda::EventSourceMapping": (("Enabled",), True),
    "AWS::Pipes::Pipe": (("DesiredState",), "RUNNING"),
    "AWS::Scheduler::Schedule": (("State",), "ENABLED"),
}
"""Of each type the switch, and its value where it is on."""
OFF = (False, "false", "DISABLED", "STOPPED")
APPLIES_TO = tuple(SWITCHES)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for kind, (switch, on) in SWITCHES.items():
            for logical, _ in stack.of_type(kind):
                if written(stack, logical, switch) in OFF:
                    path = properties_path(logical, *switch)
                    message = f"{logical} is switched off: {'.'.join(switch)} is {written(stack, logical, switch)!r}"
                    yield stack.finding(path, message, f"set it to {on}, or remove the resource", replacement=on)


def written(stack: Stack, logical: str, switch: tuple[str, ...]) -> Any:
    """Return the value as the template has it, None where it is none or a function gives it."""
    value: Any = as_mapping(stack.template.value["Resources"].get(logical)).get("Properties")
    for key in switch:
        value = as_mapping(value).get(key)
    return value if isinstance(value, bool | str) else None
