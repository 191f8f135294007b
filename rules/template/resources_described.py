"""Every event rule, schedule and key says what it is for.

Nothing but its description tells who sees one of them in a console why it is there: a rule's name is short, a key has
only an id, and what uses either stands elsewhere.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, properties_path

APPLIES_TO = ("AWS::Events::Rule", "AWS::KMS::Key", "AWS::Scheduler::Schedule")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            if not str(properties.get("Description", "")).strip():
                yield stack.finding(properties_path(logical), f"{logical} does not say what it is for", "describe it")
