"""A vault's lock allows how long the backups and copies that go into it are kept.

A lock has a least and a longest time for all that the vault takes: a job whose backup is to be kept for less or for
more fails, night after night; one that is kept for ever is longer than any longest time.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, properties_path, resource_of
from stackproof.topology.backups import backup_rules
from stackproof.topology.lifecycles import FOREVER, days

VAULT, AIR_GAPPED = "AWS::Backup::BackupVault", "AWS::Backup::LogicallyAirGappedBackupVault"
APPLIES_TO = (VAULT, AIR_GAPPED)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, _ in stack.of_type(*APPLIES_TO):
            least, longest = bounds(stack, logical)
            if least > longest:
                message = f"{logical} keeps backups for {least:g} days at the least and {longest:g} at the most"
                yield stack.finding(properties_path(logical), message, "let MinRetentionDays be the smaller")
        for rule in backup_rules(stack):
            holders: list[tuple[Path, str, str, Mapping[str, Any]]] = [
                (rule.path, "a backup", str(rule.value.get("TargetBackupVault")), rule.value),
                *((path, "a copy", str(copy.get("DestinationBackupVaultArn")), copy) for path, copy in rule.copies()),
            ]
            for path, what, vault, holder in holders:
                why = refused(deployment, stack, vault, holder)
                if why:
                    message = f"{what} of {rule.plan} {why}"
                    fix = "set DeleteAfterDays between MinRetentionDays and MaxRetentionDays of the vault"
                    yield stack.finding((*path, "Lifecycle"), message, fix)


def refused(deployment: Deployment, stack: Stack, vault: str, holder: Mapping[str, Any]) -> str:
    """Return why the vault of a backup or of a copy does not take it; "" if it does, or if no stack has the vault."""
    for owner in (stack, deployment.other(stack)):
        logical = resource_of(owner, vault, *APPLIES_TO) if owner is stack or vault.startswith("arn:") else None
        if logical:
            lifecycle = holder.get("Lifecycle") or {}
            retained, (least, longest) = days(lifecycle.get("DeleteAfterDays")), bounds(owner, logical)
            retention = f"is kept for {retained:g} days" if retained < FOREVER else "is kept for ever"
            if retained < least:
                return f"{retention}, and the lock of {logical} wants {least:g} at the least"
            if retained > longest and not ("DeleteAfterDays" in lifecycle and retained == FOREVER):
                return f"{retention}, and the lock of {logical} allows {longest:g} at the most"
            return ""
    return ""


def bounds(stack: Stack, vault: str) -> tuple[float, float]:
    """Return the least and the longest time, in days, for which a vault takes backups."""
    properties = stack.resources[vault].get("Properties", {})
    lock = properties if stack.resources[vault]["Type"] == AIR_GAPPED else properties.get("LockConfiguration") or {}
    least = days(lock.get("MinRetentionDays"))
    return (0 if least == FOREVER else least), days(lock.get("MaxRetentionDays"))
