"""AWS Backup can use the key of every vault: the key's policy lets the account's roles be granted what a backup needs.

A backup, a copy and a restore each make a grant on the vault's key. Where the key's policy leaves less than that to the
account, no managed policy of a backup role helps, and every job of the vault fails.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.aws.arn import covers
from stackproof.iam.statements import statements

APPLIES_TO = ("AWS::Backup::BackupVault",)
NEEDED = ("kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        keys = resources_by_name(stack, "AWS::KMS::Key")
        for logical, properties in stack.of_type("AWS::Backup::BackupVault"):
            arn = str(properties.get("EncryptionKeyArn", ""))
            path = properties_path(logical, "EncryptionKeyArn")
            if arn and not arn.startswith("arn:"):
                message = f"{logical} names its key by {arn}, which is no ARN"
                yield stack.finding(path, message, "give the key's Arn")
            key = keys.get(arn)
            missing = [action for action in NEEDED if key and not left(stack, key, action)]
            if missing:
                message = f"{logical} is encrypted with {key}, whose policy leaves no {', '.join(missing)} to backups"
                yield stack.finding(path, message, "use a key whose policy lets the account grant it")


def left(stack: Stack, key: str, action: str) -> bool:
    """Tell whether the policy of a key, if it has one of its own, allows an action to anybody of the account."""
    if "KeyPolicy" not in stack.resources[key].get("Properties", {}):
        return True
    allowed = [statement for statement in statements(stack) if statement.owner == key and statement.effect == "Allow"]
    return any(
        kind == "AWS" and any(covers(pattern, action, fold=True) for pattern in statement.actions)
        for statement in allowed
        for kind, _ in statement.principals
    )
