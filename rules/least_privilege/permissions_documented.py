"""A role allows what services document for their users and mostly do without.

A function's network interfaces, its log group, a flow log, a replication work without some of the actions that their
guides list; what these are for (the group, tags, further addresses) is then missing, or goes on failing in silence.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
pack: resilience
severity: info
"""

from __future__ import annotations

from stackproof.api import Deployment, Findings
from stackproof.iam.lacking import lacking, unread
from stackproof.iam.needs import needs_of
from stackproof.iam.statements import of_roles

APPLIES_TO = ("AWS::IAM::Role",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for role, held in of_roles(stack).items():
            known, _ = needs_of(stack)[role]
            if not any(unread(stack, role)):
                yield from lacking(stack, held, (need for need in known if need.optional))
