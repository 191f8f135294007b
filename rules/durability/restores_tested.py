"""What is copied to the other region is restored there as a test: every kind of store, out of the vault of the copies.

A backup that was never restored is a hope. A test that looks into another vault, for another kind of store, or for
something that is not backed up finds nothing to restore, and says so to nobody.
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html
pack: resilience
severity: info
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, is_true, number, properties_path, resources_by_name
from stackproof.aws.arn import covers
from stackproof.topology.backups import backup_rules, means, selections, stores

APPLIES_TO = ("AWS::Backup::RestoreTestingPlan",)
PLAN, SELECTION = "AWS::Backup::RestoreTestingPlan", "AWS::Backup::RestoreTestingSelection"
NAME = re.compile("[A-Za-z0-9_]{1,50}")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        source = deployment.other(stack)
        backed_up = {store for _, _, found in selections(source) for store in found}
        if any(stack.of_type(PLAN)):
            for kind in sorted({stores(source)[store] for store in backed_up} - set(tested(stack))):
                message = f"backups of {kind} from {source.scenario.region} are never restored as a test"
                plan = next(logical for logical, _ in stack.of_type(PLAN))
                yield stack.finding(("Resources", plan), message, f"add a restore testing selection for {kind}")
        for logical, properties in stack.of_type(PLAN):
            yield from vaults(stack, source, logical, properties)
        for logical, properties in stack.of_type(SELECTION):
            yield from selected(stack, source, backed_up, logical, properties)
        for logical, properties in stack.of_type(PLAN, SELECTION):
            key = (
                "RestoreTestingSelectionName"
                if "RestoreTestingSelectionName" in properties
                else "RestoreTestingPlanName"
            )
            name = str(properties.get(key))
            if not NAME.fullmatch(name):
                message = f"{logical} is named {name!r}, and may have 50 letters, digits and underscores at the most"
                yield stack.finding((*at(logical), key), message, "shorten it and turn hyphens into underscores")


def tested(stack: Stack) -> Iterator[str]:
    """Give the kinds of store that are restored."""
    plans = resources_by_name(stack, PLAN)
    for _, properties in stack.of_type(SELECTION):
        if properties.get("RestoreTestingPlanName") in plans:
            yield str(properties.get("ProtectedResourceType"))


def vaults(stack: Stack, source: Stack, plan: str, properties: Mapping[str, Any]) -> Iterator[Finding]:
    """Find a plan that looks where no copy is, or further back than copies are kept."""
    path: Path = (*at(plan), "RecoveryPointSelection")
    wanted = properties.get("RecoveryPointSelection", {})
    copies = [copy for rule in backup_rules(source) for _, copy in rule.copies()]
    into = [str(copy.get("DestinationBackupVaultArn")) for copy in copies]
    included, left_out = wanted.get("IncludeVaults", []), wanted.get("ExcludeVaults", [])
    if not any(covers(pattern, arn) for pattern in included for arn in into if arn not in left_out):
        message = f"{plan} looks into {', '.join(included) or 'no vault'}, and copies go to {', '.join(into) or 'none'}"
        yield stack.finding((*path, "IncludeVaults"), message, "test the vault that copies go to")
    if not continuous(source) and "SNAPSHOT" not in wanted.get("RecoveryPointTypes", []):
        message = f"{plan} restores no snapshots, and nothing else is backed up"
        yield stack.finding((*path, "RecoveryPointTypes"), message, "add SNAPSHOT")
    days = number(wanted, "SelectionWindowDays", 30)
    lives = [number(copy.get("Lifecycle", {}), "DeleteAfterDays", 36_500) for copy in copies]
    longest = max(lives, default=days)
    if days > longest and not any(map(isnan, lives)):
        message = f"{plan} looks back {days:g} days, and copies are kept for {longest:g}"
        yield stack.finding((*path, "SelectionWindowDays"), message, "look back no further")


def continuous(source: Stack) -> bool:
    return any(is_true(rule.value.get("EnableContinuousBackup")) for rule in backup_rules(source))


def selected(
    stack: Stack, source: Stack, stores_backed_up: set[str], selection: str, properties: Mapping[str, Any]
) -> Iterator[Finding]:
    """Find a selection that names what is not backed up, or what is of another kind than it says."""
    kind = properties.get("ProtectedResourceType")
    if not properties.get("ProtectedResourceArns") and not properties.get("ProtectedResourceConditions"):
        message = f"{selection} says not which {kind} to restore"
        yield stack.finding(at(selection), message, "name what is backed up")
    for index, arn in enumerate(properties.get("ProtectedResourceArns", [])):
        here = str(arn).split(":")[3:4] in ([""], [source.scenario.region], ["*"], [])
        found = [stores(source)[store] for store in stores_backed_up if here and means(source, str(arn), store)]
        if kind not in found:
            backed_up = f"which is backed up as {', '.join(sorted(set(found)))}" if found else "which no plan backs up"
            message = f"{selection} restores {kind} {arn}, {backed_up}"
            yield stack.finding((*at(selection), "ProtectedResourceArns", index), message, "name what is backed up")


def at(logical: str) -> Path:
    return properties_path(logical)
