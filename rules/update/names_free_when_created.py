"""Nothing is created under a name that something else still has at that moment, or for good.

A resource whose logical id is another one is a new resource: it is created before the old one goes, and where that
one is retained, it never goes. The same holds of a name that moves to another resource, and of one that moves to the
other region's stack, which is updated at another time. A policy of a bucket, a topic or a queue that is put under a
new logical id is deleted again when the old one goes.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-existing-stack.html
pack: core
on: update
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Finding
from stackproof.changes.collisions import Collision, collisions
from stackproof.changes.resource import ACTIONS
from stackproof.changes.update import Update

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for collision in collisions(update):
        if collision.holder != collision.change.logical or collision.stack is not collision.side.before:
            yield collision.side.after.finding(collision.claim.path, message(collision), fix(collision))


def message(collision: Collision) -> str:
    what = f"the {collision.claim.key} {collision.claim.text!r}" if collision.claim.key else "what there can be once"
    where = "" if collision.stack is collision.side.before else f" of the {collision.stack.scenario.side} stack"
    then = f", and is {ACTIONS[collision.fate]}" if collision.fate else ""
    why = f": {collision.claim.why}" if collision.claim.why else ""
    return f"{collision.change.logical} is created with {what}, which {collision.holder}{where} still has{then}{why}"


def fix(collision: Collision) -> str:
    if collision.stack is not collision.side.before:
        return (
            "give it another name, or take the other one out of its stack, and out of the account, in an update before"
        )
    return f"keep the logical id {collision.holder}, or give {collision.change.logical} another name"
