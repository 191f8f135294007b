"""Whether services are set up in a region for what a stack needs: AWS Backup's types, a trail, foreign buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stackproof.deploy.client import Failed
from stackproof.deploy.look import PREREQUISITES, Look, Side, looked
from stackproof.evaluation.stack import Stack
from stackproof.foundation.values import as_list, as_mapping
from stackproof.topology.backups import backup_rules, selections, stores

MANAGED = ("DynamoDB",)
"""Types whose copies AWS Backup makes in another region only if it manages them ("advanced").

Source: AWS Backup Developer Guide, "Advanced DynamoDB backup".
"""
BY_TRAIL = "AWS API Call via CloudTrail"


def backup_kinds(stacks: Sequence[Stack]) -> list[str]:
    """Return the types that plans of the stacks keep, or restore tests bring back, by AWS Backup's names."""
    backed_up = {stores(stack)[store] for stack in stacks for _, _, taken in selections(stack) for store in taken}
    tested = {
        str(properties.get("ProtectedResourceType"))
        for stack in stacks
        for _, properties in stack.of_type("AWS::Backup::RestoreTestingSelection")
    }
    return sorted(backed_up | tested)


def of_backup(side: Side, stacks: Sequence[Stack]) -> Iterator[Look]:
    """Give a look at whether AWS Backup keeps the types of the deployment, in each region where it has a part."""
    kinds = backup_kinds(stacks)
    copied = any([*rule.copies()] for stack in stacks for rule in backup_rules(stack))
    if kinds and any(resource["Type"].startswith("AWS::Backup::") for resource in side.stack.resources.values()):
        what, action = f"AWS Backup of {' and '.join(kinds)}", "backup:DescribeRegionSettings"
        yield looked(side.region, what, action, _opted_in, side, what, kinds, copied)


def _opted_in(side: Side, what: str, kinds: Sequence[str], copied: bool) -> Look:
    found = side.ask("backup", "describe_region_settings")
    chosen, managed = (
        found.get(key, {}) for key in ("ResourceTypeOptInPreference", "ResourceTypeManagementPreference")
    )
    off = [kind for kind in kinds if not chosen.get(kind)]
    plain = [kind for kind in kinds if copied and kind in MANAGED and not managed.get(kind)]
    if not off and not plain:
        return Look(side.region, what, "ready", "switched on")
    faults = [f"{' and '.join(off)} switched off"] if off else []
    faults += [f"{' and '.join(plain)} not managed by AWS Backup, which copies to another region need"] if plain else []
    fix = f"aws backup update-region-settings --region {side.region}"
    fix += f" --resource-type-opt-in-preference {','.join(f'{kind}=true' for kind in off)}" if off else ""
    fix += f" --resource-type-management-preference {','.join(f'{kind}=true' for kind in plain)}" if plain else ""
    return Look(side.region, what, "missing", ", ".join(faults), fix)


def of_trail(side: Side) -> Iterator[Look]:
    """Give a look at whether a trail logs management events, if a rule of the stack waits for API calls.

    Source: Amazon EventBridge User Guide, "AWS service events delivered via AWS CloudTrail".
    """
    patterns = [as_mapping(properties.get("EventPattern")) for _, properties in side.stack.of_type("AWS::Events::Rule")]
    if any(BY_TRAIL in as_list(pattern.get("detail-type", ())) for pattern in patterns):
        action = "cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors"
        what = "a trail for management events"
        yield looked(side.region, what, action, _trail, side, what)


def _trail(side: Side, what: str) -> Look:
    """Look for one trail that logs; what could not be seen of another one matters only if none does."""
    unseen: Failed | None = None
    for trail in side.ask("cloudtrail", "describe_trails", includeShadowTrails=True).get("trailList", ()):
        try:
            if _logs(side, trail["TrailARN"]):
                return Look(side.region, what, "ready", f"{trail['Name']} logs them")
        except Failed as error:
            unseen = error
    if unseen:
        raise unseen
    start = f"aws cloudtrail start-logging --region {side.region} --name TRAIL"
    fix = f"{PREREQUISITES}, or start one that is there: {start}"
    return Look(side.region, what, "missing", "no trail logs write events of management", fix)


def _logs(side: Side, arn: str) -> bool:
    if not side.ask("cloudtrail", "get_trail_status", Name=arn)["IsLogging"]:
        return False
    found = side.ask("cloudtrail", "get_event_selectors", TrailName=arn)
    plain = found.get("EventSelectors", ())
    advanced = found.get("AdvancedEventSelectors", ())
    return any(
        selector.get("IncludeManagementEvents") and selector.get("ReadWriteType", "All") in ("All", "WriteOnly")
        for selector in plain
    ) or any(_management(selector) for selector in advanced)


def _management(selector: Mapping[str, Any]) -> bool:
    """Tell whether an advanced selector takes write events of management."""
    fields = {field["Field"]: field for field in selector.get("FieldSelectors", ())}
    taken = "Management" in fields.get("eventCategory", {}).get("Equals", ())
    return taken and "true" not in fields.get("readOnly", {}).get("Equals", ())


def of_destinations(side: Side, stacks: Sequence[Stack]) -> Iterator[Look]:
    """Give a look at each bucket that replicas go to and no stack of the deployment makes."""
    made = {str(bucket.get("BucketName")) for stack in stacks for _, bucket in stack.of_type("AWS::S3::Bucket")}
    for _, properties in side.stack.of_type("AWS::S3::Bucket"):
        for rule in as_list(properties.get("ReplicationConfiguration", {}).get("Rules", [])):
            name = str(rule.get("Destination", {}).get("Bucket", "")).rpartition(":")[2]
            if name and name not in made:
                what = f"bucket {name}, which replicas go to"
                yield looked(side.region, what, "s3:ListBucket", _foreign, side, name, what)


def _foreign(side: Side, name: str, what: str) -> Look:
    """Look whether a bucket of another account is there: its owner need not let the caller in, and then it is."""
    try:
        side.ask("s3", "head_bucket", Bucket=name)
    except Failed as error:
        if error.code == "404":
            fix = "have its owner make it, as stackproof plan says"
            return Look(side.region, what, "missing", "there is none", fix)
        if error.code not in ("301", "403"):
            raise
    return Look(side.region, what, "ready", "it is there")
