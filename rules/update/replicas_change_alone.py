"""A replica of a global table is added or removed by an update that does nothing else.

It takes minutes for an empty table and hours for a large one; if the update fails meanwhile and is rolled back, the
new replica may have to be deleted by hand. AWS recommends an update with only that change.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
pack: resilience
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding, Update

APPLIES_TO = ("AWS::DynamoDB::GlobalTable",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.kind not in APPLIES_TO or change.action not in ("update", "interrupt", "may replace"):
            continue
        before, after = (change.properties_of(version).get("Replicas", []) for version in ("before", "after"))
        if {str(one.get("Region")) for one in before} == {str(one.get("Region")) for one in after}:
            continue
        other = [one.logical for one in side.changes if one is not change]
        more = [one.name for one in change.properties if not one.is_at("Replicas")]
        if other or more:
            named = ", ".join([*more, *other][:3]) + (" and more" if len(other) + len(more) > 3 else "")
            message = f"{change.logical}: a replica comes or goes together with {named}"
            yield side.finding(
                change, message, "make two updates, one with the replica alone", "Properties", "Replicas"
            )
