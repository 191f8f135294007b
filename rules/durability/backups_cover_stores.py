"""Every store that AWS Backup knows is in a backup plan.

A table or bucket that nobody selected is missed on the day it is wanted. Where one stack has the plan, it takes every
store of that stack; a store that only the other stack has needs a plan there.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack
from stackproof.topology.backups import backup_rules, selections, stores

APPLIES_TO = ("AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection")
FIX = "add its ARN to a backup selection"


def check(deployment: Deployment) -> Iterator[Finding]:
    kept = {stack: {store for _, _, found in selections(stack) for store in found} for stack in deployment.stacks}
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for store, kind in stores(stack).items():
            # A store that both sides have is two halves of one: the side with the plan has to keep it.
            elsewhere = store in stores(other) and has_plan(other) and not has_plan(stack)
            if store not in kept[stack] and not elsewhere:
                where = stack.scenario.region
                message = f"no backup plan takes {store} of {where}, which AWS Backup knows as {kind}"
                yield stack.finding(("Resources", store), message, FIX)
        for logical, properties in stack.of_type("AWS::Backup::BackupPlan"):
            name = properties.get("BackupPlan", {}).get("BackupPlanName", logical)
            if not any(plan == logical and found for _, plan, found in selections(stack)):
                yield stack.finding(("Resources", logical), f"backup plan {name} takes no store", FIX)
            if not any(rule.plan == logical for rule in backup_rules(stack)):
                yield stack.finding(("Resources", logical), f"backup plan {name} has no rule", "add a rule")


def has_plan(stack: Stack) -> bool:
    return any(stack.of_type("AWS::Backup::BackupPlan"))
