"""A role of AWS Backup holds exactly the managed policies that what it backs up or restores needs.

AWS Backup's actions differ by kind of store and change as it learns new ones, so its roles use the managed policies
that it documents: one for most kinds, another for S3, and of each one to back up and one to restore. A role to back up
that may also restore can overwrite what it was to keep.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html
pack: security
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, properties_path
from stackproof.iam.need import role_of

APPLIES_TO = ("AWS::Backup::BackupSelection", "AWS::Backup::RestoreTestingSelection")
BACKUP, RESTORE = (
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
)
S3_BACKUP, S3_RESTORE = "AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        needed: dict[str, dict[str, str]] = {}
        for kind in APPLIES_TO:
            for logical, properties in stack.of_type(kind):
                inner = properties.get("BackupSelection", properties)
                role = role_of(stack, inner.get("IamRoleArn"))
                for policy in policies(kind, inner) if role else ():
                    needed.setdefault(role, {})[policy] = logical
        for role, wanted in needed.items():
            yield from of_role(stack, role, wanted)


def policies(kind: str, properties: Mapping[str, Any]) -> Iterator[str]:
    """Give the managed policies that a selection needs; one by tags may select any kind."""
    if kind == "AWS::Backup::RestoreTestingSelection":
        yield S3_RESTORE if properties.get("ProtectedResourceType") == "S3" else RESTORE
        return
    for resource in as_list(properties.get("Resources", [])) or ["*"]:
        service = str(resource).split(":")[2] if ":" in str(resource) else "*"
        yield from {"s3": [S3_BACKUP], "*": [BACKUP, S3_BACKUP]}.get(service, [BACKUP])


def of_role(stack: Stack, role: str, wanted: Mapping[str, str]) -> Iterator[Finding]:
    held = {str(arn).partition(":policy/")[2]: index for index, arn in enumerate(
        stack.resources[role]["Properties"].get("ManagedPolicyArns", []))}  # fmt: skip
    path = properties_path(role, "ManagedPolicyArns")
    for policy, logical in wanted.items():
        if policy not in held:
            yield stack.finding(path, f"{role} lacks {policy}, which {logical} needs", "attach it")
    for policy, index in held.items():
        if policy not in wanted:
            yield stack.finding(
                (*path, index), f"{role} holds {policy or 'a policy'}, which nothing needs", "detach it"
            )
