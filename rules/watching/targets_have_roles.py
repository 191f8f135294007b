"""Every target of an event rule that EventBridge calls by a role has one.

A function, a topic, a queue or a log group lets EventBridge in by its own policy. All others are called as a role that
the target names: without one PutTargets fails, and with it the stack.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, properties_path

APPLIES_TO = ("AWS::Events::Rule",)
BY_POLICY = ("events", "execute-api", "lambda", "logs", "sns", "sqs")
"""What lets EventBridge in by its own policy. A bus of the same region needs no role, and one of another says so."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Events::Rule"):
            for index, target in enumerate(properties.get("Targets", [])):
                arn = str(target.get("Arn"))
                by_role = arn.startswith("arn:") and (arn.split(":")[2] not in BY_POLICY or ":api-destination/" in arn)
                if by_role and "RoleArn" not in target:
                    path = properties_path(logical, "Targets", index)
                    fix = "add RoleArn, a role that events.amazonaws.com may assume and that allows the call"
                    yield stack.finding(path, f"{logical} calls {arn} by no role", fix)
