"""A role allows what its functions' code calls and what the services that use it cannot do without.

An action that is missing fails the first time it is called, and one that AWS tries when the user is created fails
the stack. What is needed is read from the code (each call of boto3, the names it gets from its environment and
configuration parameter) and from what the services document: Lambda's logs, network interfaces, event sources and
destinations, S3's replication, targets of events, keys of what is encrypted. A call that is not understood is no pass:
it is an error of its role, and the other roles are still checked. A role is allowed what its own policies say and what
AWS's managed policies say that it attaches; permissions_exact says what is allowed beyond that.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
pack: core
"""

from __future__ import annotations

from stackproof.api import Deployment, Findings
from stackproof.iam.lacking import lacking, unknown_needs, unread
from stackproof.iam.needs import needs_of
from stackproof.iam.statements import of_roles

APPLIES_TO = ("AWS::IAM::Role",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for role, held in of_roles(stack).items():
            known, unknown = needs_of(stack)[role]
            yield from unknown_needs(role, unknown)
            not_read = list(unread(stack, role))
            yield from not_read
            if not not_read:
                yield from lacking(stack, held, (need for need in known if not need.optional))
