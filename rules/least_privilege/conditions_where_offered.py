"""Actions that know no resource of their own carry the condition that their service offers instead.

PutMetricData without it may write over any metric of the account, those of alarms among them; PassRole may hand a role
to any service; CreateTags may change what tags decide. A role in which CloudFormation makes other stacks sets tags and
metrics for all of them; which services it hands roles to it can say.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
pack: security
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, as_list
from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.iam.deploying_roles import deploying_statements
from stackproof.iam.statements import statements

APPLIES_TO = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
OFFERED = {
    f"{service}:{action}": key
    for service, keys in facts("services", "narrowed_by").items()
    for action, key in keys.items()
}
NARROWING = ("StringEquals", "StringLike")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        deploying = deploying_statements(stack)
        for statement in statements(stack):
            for pattern in statement.actions if statement.effect == "Allow" and not statement.is_trust else ():
                for name, key in OFFERED.items():
                    if statement in deploying and name != "iam:PassRole":
                        continue
                    if covers(pattern, name, fold=True) and not narrowed(statement.conditions, key):
                        yield stack.finding(
                            statement.action_path(pattern),
                            f"{statement.owner} allows {name} without the condition {key}",
                            f"add StringEquals with {key}",
                        )


def narrowed(conditions: object, key: str) -> bool:
    """Tell whether conditions hold a key to named values."""
    if not isinstance(conditions, dict):
        return False
    tests = [tests for operator, tests in conditions.items() if operator in NARROWING]
    values = [str(text) for test in tests for name, value in test.items() if name.lower() == key.lower()
              for text in as_list(value)]  # fmt: skip
    return bool(values) and all(text.strip("*") for text in values)
