"""A role of AWS Backup holds exactly the managed policies that what it backs up or restores needs.

AWS Backup's actions differ by kind of store and change as it learns new ones, so its roles use the managed policies
that it documents: one for most kinds, another for S3, and of each one to back up and one to restore. A role to back up
that may also restore can overwrite what it was to keep. A role whose own policies allow what starts a backup of the
selected kind of store does without AWS's policy for it.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html
pack: security
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, properties_path
from stackproof.aws.arn import covers
from stackproof.aws.managed_policies import OF_AWS, managed_policy
from stackproof.iam.need import role_of
from stackproof.iam.statements import of_roles, unread_policies
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::Backup::BackupSelection", "AWS::Backup::RestoreTestingSelection")
BACKUP, RESTORE = (
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
)
S3_BACKUP, S3_RESTORE = "AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        needed: dict[str, dict[str, tuple[str, set[str]]]] = {}
        for kind in APPLIES_TO:
            for logical, properties in stack.of_type(kind):
                inner = properties.get("BackupSelection", properties)
                role = role_of(stack, inner.get("IamRoleArn"))
                for policy, service in policies(stack, kind, inner) if role else ():
                    needed.setdefault(role, {}).setdefault(policy, (logical, set()))[1].add(service)
        for role, wanted in needed.items():
            yield from of_role(stack, role, wanted)


def policies(stack: Stack, kind: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the managed policies that a selection needs, each with the service ("" any) of the store that needs it.

    A selection by tags may select any kind; buckets, as far as is known ("none"), only where the stack has one.
    """
    if kind == "AWS::Backup::RestoreTestingSelection":
        yield (S3_RESTORE, "s3") if properties.get("ProtectedResourceType") == "S3" else (RESTORE, "")
        return
    for resource in as_list(properties.get("Resources", [])) or ["*"]:
        if not of_functions(str(resource)) or str(resource).startswith("arn:"):
            service = str(resource).split(":")[2] if str(resource).count(":") > 1 else "*"
            if service == "*":
                yield S3_BACKUP, "s3" if any(stack.of_type("AWS::S3::Bucket")) else "none"
            yield S3_BACKUP if service == "s3" else BACKUP, service.strip("*")


def is_served(stack: Stack, role: str, policy: str, service: str) -> bool:
    """Tell whether a role's own policies allow an action that a managed policy is for: one that makes something."""
    if service == "none":
        return True
    document = managed_policy(f"arn:aws{OF_AWS}{policy}") or {"Statement": []}
    listed = [
        str(name) for statement in as_list(document["Statement"]) for name in as_list(statement.get("Action", []))
    ]
    makes = [
        name
        for name in listed
        if name.startswith(f"{service}:" if service else "")
        and not name.startswith(("backup:", "iam:", "kms:"))
        and re.match("Backup|Create|Put|Restore|Run|Start", name.partition(":")[2])
    ]
    return any(
        covers(allowed, name, fold=True)
        for statement in of_roles(stack).get(role, ())
        if statement.effect == "Allow"
        and statement.managed.partition(OF_AWS)[2] not in (BACKUP, S3_BACKUP, RESTORE, S3_RESTORE)
        for allowed in statement.actions
        for name in makes
    )


def of_role(stack: Stack, role: str, wanted: Mapping[str, tuple[str, set[str]]]) -> Iterator[Finding]:
    of_account = any(OF_AWS not in arn for _, arn in unread_policies(stack, role))
    attached = enumerate(map(str, stack.resources[role].get("Properties", {}).get("ManagedPolicyArns", [])))
    attached_at = {arn.partition(OF_AWS)[2]: index for index, arn in attached if OF_AWS in arn}
    path = properties_path(role, "ManagedPolicyArns")
    for policy, (logical, services) in wanted.items():
        served = all(is_served(stack, role, policy, service) for service in services)
        if policy not in attached_at and not served and not of_account:
            yield stack.finding(path, f"{role} lacks {policy}, which {logical} needs", "attach it")
    for policy, index in attached_at.items():
        if policy not in wanted:
            yield stack.finding((*path, index), f"{role} holds {policy}, which nothing needs", "detach it")
