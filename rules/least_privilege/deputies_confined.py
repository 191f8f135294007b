"""A service is let in only on behalf of what is named, and data goes only to buckets of a named account.

A service acts for whoever asks it: a policy that lets it in without aws:SourceArn or aws:SourceAccount lets every
account's topic, alarm or rule in through it (the confused deputy). EventBridge sends neither to a topic, so that its
statement can have no condition there. Roles that EventBridge, its schedules and pipes, or Step Functions take on are
confined alike: where one of a stack is, the others are.
A bucket known by name alone may be a stranger's who took the name first:
what may write there carries aws:ResourceAccount.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
pack: security
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, properties_path
from stackproof.iam.statements import Statement, statements
from stackproof.topology.resource_index import resource_of

APPLIES_TO = ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::Lambda::Permission",
              "AWS::IAM::Role")  # fmt: skip
SOURCES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
READS = re.compile("s3:(Get|Head|List)[A-Za-z]*$", re.I)
ORCHESTRATORS = ("events.amazonaws.com", "pipes.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com")
"""Services that say for whom they take on a role. Source: EventBridge User Guide and EventBridge Scheduler User Guide,
"Cross-service confused deputy prevention"; Step Functions Developer Guide, "Creating an IAM role for your state
machine", "Prevent cross-service confused deputy issue"."""
WITHOUT = (("AWS::SNS::TopicPolicy", "events.amazonaws.com"),)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for statement in statements(stack):
            if statement.effect == "Allow":
                yield from into_resources(stack, statement)
                yield from into_buckets(stack, statement)
        yield from of_roles(stack)
        yield from permissions(stack)


def keys(statement: Statement) -> set[str]:
    return {key.lower() for tests in statement.conditions.values() for key in tests}


def into_resources(stack: Stack, statement: Statement) -> Iterator[Finding]:
    kind = stack.resources[statement.owner]["Type"]
    for service in statement.services() if kind in APPLIES_TO and not statement.is_trust else ():
        if (kind, service) not in WITHOUT and not keys(statement).intersection(SOURCES):
            yield stack.finding(
                statement.path,
                f"{statement.owner} lets {service} in for every account",
                "add a condition with aws:SourceArn or aws:SourceAccount",
            )


def of_roles(stack: Stack) -> Iterator[Finding]:
    """Find trusts without a condition on whose behalf a service comes, where the stack's other trusts have one."""
    trusts = [
        (statement, service)
        for statement in statements(stack)
        if statement.is_trust and statement.effect == "Allow"
        for service in statement.services()
        if service in ORCHESTRATORS
    ]
    open_trusts = [(statement, service) for statement, service in trusts if not keys(statement).intersection(SOURCES)]
    for statement, service in open_trusts if len(open_trusts) < len(trusts) else ():
        message = f"{statement.owner} lets {service} in for every account, and other roles of the stack do not"
        yield stack.finding(statement.path, message, "add a condition with aws:SourceAccount")


def into_buckets(stack: Stack, statement: Statement) -> Iterator[Finding]:
    if statement.principals or statement.is_trust or all(READS.match(name) for name in statement.actions):
        return
    for resource in statement.resources:
        bucket = resource.split("/")[0]
        if ":s3:::" in bucket and not resource_of(stack, bucket) and "aws:resourceaccount" not in keys(statement):
            yield stack.finding(
                statement.path,
                f"{statement.owner} may reach {bucket} whoever owns it: the stack does not create it",
                "add a condition with aws:ResourceAccount",
            )


def permissions(stack: Stack) -> Iterator[Finding]:
    for logical, properties in stack.of_type("AWS::Lambda::Permission"):
        by_service = str(properties.get("Principal", "")).endswith((".amazonaws.com", ".amazonaws.com.cn"))
        if by_service and not {"SourceArn", "SourceAccount", "PrincipalOrgID"}.intersection(properties):
            path: Path = properties_path(logical)
            yield stack.finding(
                path, f"{logical} lets {properties['Principal']} call the function for every account", "add SourceArn"
            )
