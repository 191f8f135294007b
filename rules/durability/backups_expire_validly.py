"""Backups begin and expire as AWS Backup can let them: cold ones 90 days after their move, continuous ones in 35 days.

A plan whose days do not fit is refused, or keeps its backups longer than it says. A job that may wait for less than an
hour is refused, too.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, is_true, number
from stackproof.topology.backups import backup_rules

APPLIES_TO = ("AWS::Backup::BackupPlan",)
START = 480
"""Minutes that a job may wait for its start where the rule does not say: eight hours."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for rule in backup_rules(stack):
            for path, holder in ((rule.path, rule.value), *rule.copies()):
                why_not = invalid(holder.get("Lifecycle", {}), is_true(rule.value.get("EnableContinuousBackup")))
                if why_not:
                    fix = "set DeleteAfterDays to fit"
                    yield stack.finding((*path, "Lifecycle"), f"a backup of {rule.plan} {why_not}", fix)
            start = number(rule.value, "StartWindowMinutes", START)
            if start < 60:
                message = f"a backup of {rule.plan} may wait {start:g} minutes for its start, and 60 is the least"
                yield stack.finding((*rule.path, "StartWindowMinutes"), message, "set 60 or more")


def invalid(lifecycle: Mapping[str, Any], continuous: bool) -> str:
    """Return what is wrong with a lifecycle; "" if nothing is."""
    delete, cold = number(lifecycle, "DeleteAfterDays", 0), number(lifecycle, "MoveToColdStorageAfterDays", 0)
    if cold > 0 and 0 < delete < cold + 90:
        return f"moves to cold storage after {cold:g} days and is deleted after {delete:g}, {cold + 90:g} at the least"
    if "DeleteAfterDays" in lifecycle and (delete < 1 or delete > 36_500):
        return f"is deleted after {delete:g} days, which is not from 1 to 36,500"
    if continuous and (delete > 35 or cold > 0):
        return f"is continuous and kept {delete:g} days, 35 at the most and never cold"
    return ""
