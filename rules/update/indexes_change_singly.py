"""An update creates or deletes one global secondary index of a table, and changes none.

DynamoDB refuses a second one in the same update, and an index that has other keys or another projection is one
deleted and one created. CloudFormation does not wait for the new index: until it is active, no further update of the
table succeeds.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Finding
from stackproof.changes.difference import differences
from stackproof.changes.resource import ResourceChange
from stackproof.changes.update import Update

APPLIES_TO = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
LIST, FIXED = "GlobalSecondaryIndexes", ("KeySchema", "Projection")


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.kind in APPLIES_TO and change.action not in ("create", "replace", "delete", "retain", "retype"):
            before, after = (indexes(change, version) for version in ("before", "after"))
            changed = [name for name in before.keys() & after.keys() if is_another(before[name], after[name])]
            moved = sorted({*(before.keys() ^ after.keys()), *changed})
            if len(moved) > 1 or changed:
                message = (
                    f"{change.logical}: {described(before, after, changed)} in one update; DynamoDB does one at a time"
                )
                fix = "make one update for each, and wait until the index is active"
                yield side.finding(change, message, fix, "Properties", *([LIST] if after else []))


def indexes(change: ResourceChange, version: Any) -> Mapping[str, Any]:
    held = change.properties_of(version).get(LIST, [])
    return {str(index.get("IndexName")): index for index in held if isinstance(index, Mapping)}


def is_another(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any([*differences(before.get(key), after.get(key))] for key in FIXED)


def described(before: Mapping[str, Any], after: Mapping[str, Any], changed: list[str]) -> str:
    parts = {
        "created": sorted(after.keys() - before.keys()),
        "deleted": sorted(before.keys() - after.keys()),
        "changed, so deleted and created": sorted(changed),
    }
    return "; ".join(f"{', '.join(names)} {verb}" for verb, names in parts.items() if names)
