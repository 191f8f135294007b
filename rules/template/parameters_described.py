"""Every parameter says what to give.

A description is what CloudFormation's console shows beside the field, and often all that who deploys reads.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding

APPLIES_TO = ("Parameters",)


def check(deployment: Deployment) -> Iterator[Finding]:
    stack = deployment.source
    for name, parameter in stack.template.value.get("Parameters", {}).items():
        if not str(parameter.get("Description", "")).strip():
            message = f"the parameter {name} does not say what to give"
            yield deployment.finding(stack, ("Parameters", name), message, "describe it")
