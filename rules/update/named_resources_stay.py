"""No resource with a name of its own is replaced while it keeps the name.

CloudFormation creates the replacement before it deletes the old resource, so the name is taken: the update is refused
("cannot update a stack when a custom-named resource requires replacing") or fails and rolls back, in the account.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.changes.collisions import collisions
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for collision in collisions(update):
        if collision.holder == collision.change.logical and collision.stack is collision.side.before:
            because = f" ({collision.change.why})" if collision.change.why else ""
            what = (
                f"{collision.claim.key} {collision.claim.text!r}" if collision.claim.key else "what there can be once"
            )
            message = (
                f"{collision.change.logical} is replaced{because}, and keeps its {what}, which the old one still has"
            )
            yield collision.side.after.finding(
                collision.claim.path, message, "take the change back, or give it another name with it"
            )
