"""Resource `*` stands only beside actions that know no resource.

For such actions IAM takes nothing else; for every other one `*` is all resources of the account, of all regions.
Which actions know a resource is read from the table that cfn-lint ships, made from the Service Authorization Reference.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
pack: security
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.aws.iam_actions import action
from stackproof.iam.statements import statements

APPLIES_TO = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for statement in statements(stack):
            # In a resource's own policy, `*` is that resource.
            if statement.effect != "Allow" or statement.principals or statement.is_trust:
                continue
            for name in statement.actions if "*" in statement.resources else ():
                known = action(name)
                if known is None or known.kinds:
                    kinds = " or ".join(kind for kind, _ in known.kinds) if known else "resource"
                    yield stack.finding(
                        statement.action_path(name),
                        f"{statement.owner} allows {name} on every resource, though the action knows a {kinds}",
                        "name the resources by their ARNs",
                    )
