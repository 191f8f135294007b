"""Every backup is made into a vault of its stack and copied to a vault that the other stack creates.

A copy in the same region goes with it. AWS Backup does not look for the vault of a copy when the plan is made: a name
that is wrong shows as failed jobs.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, resources_by_name
from stackproof.topology.backups import backup_rules

APPLIES_TO = ("AWS::Backup::BackupPlan",)
VAULT = "AWS::Backup::BackupVault"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        theirs, where = resources_by_name(other, VAULT), other.scenario.region
        for rule in backup_rules(stack):
            vault = rule.value.get("TargetBackupVault")
            if str(vault) not in resources_by_name(stack, VAULT):
                message = f"{rule.plan} makes backups into {vault!r}, which is no vault of its stack"
                yield stack.finding((*rule.path, "TargetBackupVault"), message, "name the stack's vault by Ref")
            arns = [str(copy.get("DestinationBackupVaultArn")) for _, copy in rule.copies()]
            if not any(arn.startswith("arn:") and arn in theirs for arn in arns):
                destinations = ", ".join(arns) or "no vault"
                message = f"{rule.plan} copies backups to {destinations}, and to none that the stack in {where} creates"
                yield stack.finding((*rule.path, "CopyActions"), message, "copy them to that stack's vault")
