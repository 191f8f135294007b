"""Every output says what it is for.

Outputs are what other stacks, scripts and people take from this one, and often all that they see of it.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding

APPLIES_TO = ("Outputs",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for name, output in stack.value.get("Outputs", {}).items():
            description = output.get("Description")
            if not isinstance(description, str) or not description.strip():
                yield stack.finding(("Outputs", name), f"the output {name} does not say what it is", "describe it")
