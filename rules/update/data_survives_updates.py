"""No update deletes what holds data: it is retained, or a snapshot is taken, before it is replaced or removed.

A property that cannot be changed in place replaces the resource, and the old one is deleted with all that it holds,
unless UpdateReplacePolicy says otherwise; a resource that is taken out of the template is deleted unless its
DeletionPolicy, as the deployed template has it, says otherwise. A policy that comes with the removal comes too late.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
pack: resilience
severity: error
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.aws.updates import holds_data
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        kind = change.before["Type"] if change.before else ""
        if not holds_data(kind):
            continue
        if change.action == "delete":
            message = f"{change.logical} ({kind}) is taken out, and what it holds is deleted with it"
            fix = "first deploy it with DeletionPolicy: Retain, then take it out; or leave it in"
            yield side.finding(change, message, fix)
        elif change.action in ("replace", "may replace") and change.old == "delete":
            maybe = "may be" if change.action == "may replace" else "is"
            message = f"{change.logical} ({kind}) {maybe} replaced ({change.why}), and what it holds is deleted"
            yield side.finding(
                change, message, "take this change back, or set UpdateReplacePolicy: Retain and copy the data"
            )
