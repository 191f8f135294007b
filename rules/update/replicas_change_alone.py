"""A replica of a global table is added or removed by an update that does nothing else.

It takes minutes for an empty table and hours for a large one; if the update fails meanwhile and is rolled back, the
new replica may have to be deleted by hand. AWS recommends an update with only that change.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
pack: resilience
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.changes.update import Update

APPLIES_TO = ("AWS::DynamoDB::GlobalTable",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.kind not in APPLIES_TO or change.action not in ("update", "interrupt", "may replace"):
            continue
        before, after = (change.properties_of(version).get("Replicas", []) for version in ("before", "after"))
        if {str(replica.get("Region")) for replica in before} == {str(replica.get("Region")) for replica in after}:
            continue
        other = [other_change.logical for other_change in side.changes if other_change is not change]
        more = [changed.name for changed in change.properties if not changed.is_at("Replicas")]
        if other or more:
            named = ", ".join([*more, *other][:3]) + (" and more" if len(other) + len(more) > 3 else "")
            message = f"{change.logical}: a replica comes or goes together with {named}"
            yield side.finding(
                change, message, "make two updates, one with the replica alone", "Properties", "Replicas"
            )
