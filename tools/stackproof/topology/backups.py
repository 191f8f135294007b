"""What a stack's backup plans keep: their rules, and the stores that their selections take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list, properties_path
from stackproof.topology.resource_index import arns, resources_by_name

SUPPORTED: Mapping[str, str] = facts("resource_types", "backup")
"""The stores that AWS Backup knows, each with the name that it has there."""
TAGS = ("Tags", "FileSystemTags")
"""The properties that hold tags of such stores."""


class BackupRule(NamedTuple):
    """A rule of a backup plan: the plan's logical id, the rule's path in the stack, and the rule."""

    plan: str
    path: Path
    value: Mapping[str, Any]

    def copies(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Give the copy actions with their paths."""
        for index, copy in enumerate(self.value.get("CopyActions", [])):
            yield (*self.path, "CopyActions", index), copy


def backup_rules(stack: Stack) -> Iterator[BackupRule]:
    for logical, properties in stack.of_type("AWS::Backup::BackupPlan"):
        path: Path = properties_path(logical, "BackupPlan", "BackupPlanRule")
        for index, rule in enumerate(properties.get("BackupPlan", {}).get("BackupPlanRule", [])):
            yield BackupRule(logical, (*path, index), rule)


@memoised
def stores(stack: Stack) -> Mapping[str, str]:
    """Return the stores that AWS Backup knows, by their logical ids, each with its kind."""
    found = stack.resources.items()
    return {logical: SUPPORTED[resource["Type"]] for logical, resource in found if resource["Type"] in SUPPORTED}


@memoised
def selections(stack: Stack) -> tuple[tuple[str, str, list[str]], ...]:
    """Return each selection of a plan of the stack, with that plan and the stores that it takes, by logical ids."""
    return tuple(_selections(stack))


def _selections(stack: Stack) -> Iterator[tuple[str, str, list[str]]]:
    plans = resources_by_name(stack, "AWS::Backup::BackupPlan")
    for logical, properties in stack.of_type("AWS::Backup::BackupSelection"):
        plan = plans.get(str(properties.get("BackupPlanId")))
        if plan:
            selection = properties.get("BackupSelection", {})
            yield logical, plan, [store for store in stores(stack) if takes(stack, selection, store)]


def takes(stack: Stack, selection: Mapping[str, Any], store: str) -> bool:
    """Tell whether a selection takes a store: by ARN or tag, unless it leaves it out.

    Of ListOfTags one is enough; Conditions have all to hold, and narrow what Resources names (all, if it names none).
    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
    """
    if any(means(stack, str(pattern), store) for pattern in selection.get("NotResources", [])):
        return False
    tags = tags_of(stack.resources[store].get("Properties", {}))
    tests = as_list(selection.get("ListOfTags", []))
    if any(tags.get(str(test.get("ConditionKey"))) == test.get("ConditionValue") for test in tests):
        return True
    conditions = selection.get("Conditions") or {}
    listed = selection.get("Resources", []) or (["*"] if conditions else [])
    return any(means(stack, str(pattern), store) for pattern in listed) and _meets(conditions, tags)


def _meets(conditions: Mapping[str, Any], tags: Mapping[str, Any]) -> bool:
    """Tell whether a store's tags meet the Conditions of a selection.

    Source: AWS Backup Developer Guide, API_Conditions: StringEquals, StringLike, StringNotEquals, StringNotLike.
    """
    for operator, tests in conditions.items():
        for test in as_list(tests):
            value = tags.get(str(test.get("ConditionKey")).removeprefix("aws:ResourceTag/"))
            wanted = str(test.get("ConditionValue"))
            met = value is not None and (covers(wanted, str(value)) if "Like" in operator else wanted == str(value))
            if met == ("Not" in operator):
                return False
    return True


def means(stack: Stack, pattern: str, store: str) -> bool:
    """Tell whether an ARN, maybe with wildcards, is that of a store; of one only AWS can name, by its token."""
    token = f"{{{{{store}"
    return any(covers(pattern, arn) for arn in arns(stack, store)) or f"{token}@" in pattern or f"{token}." in pattern


def tags_of(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags of a resource, or of the replicas of a global table."""
    found: dict[str, Any] = {}
    for holder in (properties, *properties.get("Replicas", [])):
        for name in TAGS:
            tags = holder.get(name) or []
            found |= tags if isinstance(tags, dict) else {tag.get("Key"): tag.get("Value") for tag in tags}
    return found
