"""A logical id keeps the type of its resource.

CloudFormation refuses an update that gives a logical id another type. A table does not become a global table so: that
needs a new logical id, and the data a copy or an import.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html (update errors)
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for side, change in update.changes:
        if change.action == "retype" and change.before:
            message = f"{change.logical} was a {change.before['Type']}, and is now a {change.kind}"
            yield side.finding(change, message, "give the new resource another logical id", "Type")
