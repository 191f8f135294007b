"""An event rule reports configuration changes of each bucket and table.

Deletion policies and encryption hold only until somebody switches them off by hand, and CloudFormation does not look
again. CloudTrail records each such call, and EventBridge passes it on where the account has a trail. A template without
event rules, in both regions, watches nothing: whoever deploys it does.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, as_mapping
from stackproof.monitoring.event_patterns import matches
from stackproof.monitoring.sample_events import changes

APPLIES_TO = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


def check(deployment: Deployment) -> Iterator[Finding]:
    if not any([*stack.of_type("AWS::Events::Rule")] for stack in deployment.stacks):
        return
    for stack in deployment.stacks:
        every = [rule for _, rule in stack.of_type("AWS::Events::Rule")]
        patterns = [
            as_mapping(rule["EventPattern"]) for rule in every if rule.get("Targets") and "EventPattern" in rule
        ]
        for sample in changes(stack):
            if not any(matches(pattern, sample.event) for pattern in patterns):
                message = f"no event rule tells {sample.what} {sample.about}"
                yield stack.finding(("Resources", sample.about), message, "name it in the pattern of a rule")
