"""The account can manage every customer key, and use what it encrypts: nothing else can give that back.

A key's policy is the root of all access: what it does not leave to the account, no IAM policy can grant. Without
the right to change the policy, to look after rotation, grants and tags, to switch the key on and off or to delete it,
CloudFormation fails at the next update and nobody can help; without the right to decrypt, nobody in the account
reads what the key protects.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
pack: security
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.aws.arn import covers
from stackproof.iam.statements import Statement, statements

APPLIES_TO = ("AWS::KMS::Key",)
MANAGE = (
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
"""What the console gives to key administrators, of a key whose material AWS makes."""
NAME = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")
USE = ("kms:Decrypt", "kms:GenerateDataKey")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::KMS::Key"):
            if "KeyPolicy" not in properties:
                continue  # the default policy leaves everything to the account
            own = [statement for statement in statements(stack) if statement.owner == logical]
            missing = [action for action in needed(stack, logical) if not left(stack, own, action)]
            if missing:
                message = f"the policy of {logical} does not leave {', '.join(missing)} to the account"
                path = properties_path(logical, "KeyPolicy")
                yield stack.finding(path, message, "allow it for the account's root")


def needed(stack: Stack, key: str) -> tuple[str, ...]:
    """Return what the account has to be able to do with a key: manage it, name it, use what it encrypts."""
    texts = {text for text, logical in resources_by_name(stack, "AWS::KMS::Key").items() if logical == key}
    aliased = any(alias.get("TargetKeyId") in texts for _, alias in stack.of_type("AWS::KMS::Alias"))
    sends = stack.of_type("AWS::SQS::Queue", "AWS::SNS::Topic")
    used = any(sender.get("KmsMasterKeyId") in texts for _, sender in sends)
    return (*MANAGE, *(NAME if aliased else ()), *(USE if used else ()))


def left(stack: Stack, own: list[Statement], action: str) -> bool:
    """Tell whether a key's own statements leave an action to the account, without a condition, and deny it to none."""
    about = [statement for statement in own if matches(statement, action)]
    root = f"arn:{stack.scenario.partition.name}:iam::{stack.scenario.account}:root"
    for statement in about:
        if statement.effect == "Deny" and not statement.conditions:
            return False
    names = {("AWS", root), ("AWS", stack.scenario.account)}
    return any(
        statement.effect == "Allow" and not statement.conditions and names & set(statement.principals)
        for statement in about
    )


def matches(statement: Statement, action: str) -> bool:
    return any(covers(pattern, action, fold=True) for pattern in statement.actions)
