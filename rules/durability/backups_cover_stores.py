"""Every store that AWS Backup knows is in a backup plan.

A table or bucket that nobody selected is missed on the day it is wanted. Where one stack has the plan, it takes every
store of that stack; a store that only the other stack has needs a plan there. A selection by tags that no store carries
takes nothing and says nothing: tags are told apart by case. In a template without a store, a selection by tags or by
wildcards may be for the stores of other stacks.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, as_list, properties_path
from stackproof.topology.backups import backup_rules, selections, stores

APPLIES_TO = ("AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection")
FIX = "add its ARN to a backup selection"


def check(deployment: Deployment) -> Iterator[Finding]:
    backed_up = {stack: {store for _, _, found in selections(stack) for store in found} for stack in deployment.stacks}
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for store, kind in stores(stack).items():
            # A store that both sides have is two halves of one: the side with the plan has to keep it.
            elsewhere = store in stores(other) and has_plan(other) and not has_plan(stack)
            if store not in backed_up[stack] and not elsewhere:
                where = stack.scenario.region
                message = f"no backup plan takes {store} of {where}, which AWS Backup knows as {kind}"
                yield stack.finding(("Resources", store), message, FIX)
        for logical, properties in stack.of_type("AWS::Backup::BackupPlan"):
            name = properties.get("BackupPlan", {}).get("BackupPlanName", logical)
            own = [(selection, found) for selection, plan, found in selections(stack) if plan == logical]
            if elsewhere_taken(stack, [selection for selection, _ in own]):
                pass
            elif not any(found for _, found in own):
                yield stack.finding(("Resources", logical), f"backup plan {name} takes no store", FIX)
            elif any(not found for _, found in own):
                yield from dead(stack, own)
            if not any(rule.plan == logical for rule in backup_rules(stack)):
                yield stack.finding(("Resources", logical), f"backup plan {name} has no rule", "add a rule")


def has_plan(stack: Stack) -> bool:
    return any(stack.of_type("AWS::Backup::BackupPlan"))


def dead(stack: Stack, own: list[tuple[str, list[str]]]) -> Iterator[Finding]:
    """Find selections of a plan that take no store, beside others that do."""
    for logical, found in own:
        tags = tags_wanted(stack, logical)
        if not found and tags:
            message = f"selection {logical} takes no store: none carries {', '.join(tags)}"
            fix = "write tags as the stores carry them, or remove the selection"
            yield stack.finding(properties_path(logical, "BackupSelection"), message, fix)


def elsewhere_taken(stack: Stack, chosen: list[str]) -> bool:
    """Tell whether selections may take stores of other stacks: by tags or wildcards, where the stack has no store."""
    if any(stores(stack)):
        return False
    for logical in chosen:
        selection = stack.resources[logical].get("Properties", {}).get("BackupSelection", {})
        if tags_wanted(stack, logical) or any("*" in str(pattern) for pattern in selection.get("Resources", [])):
            return True
    return False


def tags_wanted(stack: Stack, logical: str) -> list[str]:
    selection = stack.resources[logical].get("Properties", {}).get("BackupSelection", {})
    tests = [*as_list(selection.get("ListOfTags", []))]
    for tested in (selection.get("Conditions") or {}).values():
        tests += as_list(tested)
    return [f"{test.get('ConditionKey')}={test.get('ConditionValue')}" for test in tests]
