"""Every name and ARN of the other region, and every ARN of the own, is of something that one of the two stacks creates.

CloudFormation cannot refer across regions, so such names are put together from text, and no tool that reads one
template in one region can see a typing error in them: the replication, the copy or the policy fails when it runs. What
a role reaches in which CloudFormation makes other stacks is created by those. Definitions of state machines are read as
they are with their substitutions; an execution is of its state machine.
Source: CloudFormation Template Reference, "Ref" and "Fn::GetAtt" (both within one stack); ARN formats: AWS General
Reference, "Amazon Resource Names (ARNs)".
pack: resilience
severity: error
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from stackproof.api import Deployment, Finding, Stack
from stackproof.code.state_machines import substituted_texts
from stackproof.iam.deploying_roles import deploying_statements
from stackproof.topology.elsewhere import others_create
from stackproof.topology.resource_index import created_arn, created_names, stated_names
from stackproof.topology.texts import arns_in, of_functions, texts_of, words_in

APPLIES_TO = ("Resources",)
FIX = "write the name as the stack that creates it does"
OF_AWS = re.compile(
    r"arn:[\w-]+:(iam::([0-9]*:root|aws:.*)$|kms:[\w-]+:[0-9]+:alias/aws/|states:::|scheduler:::aws-sdk:"
    r"|events:[\w-]+:[0-9]+:(event-bus/default$|rule/StepFunctionsGetEvent)|s3:[\w-]+:[0-9]+:job/"
    r"|scheduler:[\w-]+:[0-9]+:schedule(-group/default$|/default/)|athena:[\w-]+:[0-9]+:workgroup/primary$)"
)
"""What is there in every account, what the integrations of Step Functions and of EventBridge Scheduler do, and what S3
names at run time.

Source: Service Authorization Reference, Amazon S3, "job"; EventBridge User Guide, "Event buses"; Step Functions
Developer Guide, "Integrating services with Step Functions"; EventBridge Scheduler User Guide, "Managing a schedule
group", "Universal targets"; Amazon Athena User Guide, "Workgroups".
"""
MADE_BY_AWS = re.compile(
    r"[:/](mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{2,8}-[0-9a-f]{8}([0-9a-f]{9})?)$"
)
"""Ids that AWS makes: of keys and certificates, of what EC2 has. Source: AWS KMS Developer Guide, "Multi-Region keys in
AWS KMS"; Amazon EC2 User Guide, "Amazon EC2 resource IDs"."""
SHARED = ("ssm",)
"""Services of which an account holds much that no stack creates: parameters are put by people and programs as well."""


def check(deployment: Deployment) -> Iterator[Finding]:
    names = {text for stack in deployment.stacks for text in created_names(stack)}
    arns = {text for text in names if text.startswith("arn:")}
    created = {service_of(arn) for arn in arns}
    for stack in deployment.stacks:
        other = deployment.other(stack)
        where = other.scenario.region
        named = re.compile(rf"(^|[-_/]){where}($|[-_/])")
        elsewhere = {statement.path for statement in deploying_statements(stack)}
        for path, text in (*texts_of(stack), *substituted_texts(stack)):
            if "arn:" not in text and where not in text:
                continue
            if any(path[: len(beginning)] == beginning for beginning in elsewhere):
                continue
            for arn in arns_in(text):
                if (
                    not OF_AWS.match(arn)
                    and not others_create(deployment, arn)
                    and concerns(arn, stack, other, created)
                    and not matches(arn, deployment, arns)
                ):
                    yield stack.finding(path, f"{arn} is neither of {regions(deployment)}: no stack creates it", FIX)
            for word, written in words_in(text) if where in text else ():
                if word == where or not named.search(written) or of_functions(word):
                    continue
                if word not in names and word not in stated_names(other) and not others_create(deployment, word):
                    message = f"{word!r} names something in {where} that its stack does not create"
                    yield stack.finding(path, message, FIX)


def foreign(stack: Stack) -> Iterator[str]:
    """Give the buckets of other accounts, by their ARNs, that buckets of a stack replicate to."""
    for _, properties in stack.of_type("AWS::S3::Bucket"):
        for rule in properties.get("ReplicationConfiguration", {}).get("Rules", []):
            to = rule.get("Destination", {})
            if str(to.get("Account", stack.scenario.account)) != stack.scenario.account:
                yield str(to.get("Bucket"))


def service_of(arn: str) -> str:
    return arn.split(":")[2]


def concerns(arn: str, stack: Stack, other: Stack, created: set[str]) -> bool:
    """Tell whether an ARN must be of one of the stacks: of a region and account of theirs, and of a kind they create.

    Of a service that neither stack has anything of, and of an account that is neither's, others create what there is;
    an id that AWS makes is no name that could be misspelt.
    """
    _, _, service, region, account, _ = arn.split(":", 5)
    if service not in created or MADE_BY_AWS.search(arn):
        return False
    if region == other.scenario.region:
        return account in ("", "*", other.scenario.account)
    return service not in SHARED and region in ("", stack.scenario.region) and account in ("", stack.scenario.account)


def matches(arn: str, deployment: Deployment, known: set[str]) -> bool:
    """Tell whether an ARN, maybe a pattern, is of a known thing or of a part of one, or may be of anything."""
    arn = re.sub(r"(:states:[\w-]+:[0-9]+:)execution:", r"\1stateMachine:", arn)
    if ":lambda:" in arn:  # the URI of an integration. Source: API Gateway User Guide, "Integration URI", Lambda proxy
        arn = arn.removesuffix("/invocations")
    if (
        ":secretsmanager:" in arn
    ):  # six letters that AWS adds. Source: Service Authorization Reference, AWS Secrets Manager
        arn = re.sub(r"-\?{6}$", "-*", arn)
    if any(created_arn(stack, arn) for stack in deployment.stacks) or of_functions(arn):
        return True
    if arn.split("/")[0] in {bucket for stack in deployment.stacks for bucket in foreign(stack)}:
        return True
    return ("*" in arn or "?" in arn) and any(fnmatchcase(pattern, arn) for pattern in known)


def regions(deployment: Deployment) -> str:
    names: Mapping[str, None] = dict.fromkeys(stack.scenario.region for stack in deployment.stacks)
    return " nor of ".join(names)
