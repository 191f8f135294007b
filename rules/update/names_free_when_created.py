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

from stackproof.api import Finding, Update
from stackproof.changes.collisions import Collision, collisions
from stackproof.changes.resource import ACTIONS

APPLIES_TO = ("Resources",)


def check(update: Update) -> Iterator[Finding]:
    for one in collisions(update):
        if one.holder != one.change.logical or one.stack is not one.side.before:
            yield one.side.after.finding(one.claim.path, message(one), fix(one))


def message(one: Collision) -> str:
    what = f"the {one.claim.key} {one.claim.text!r}" if one.claim.key else "what there can be once"
    where = "" if one.stack is one.side.before else f" of the {one.stack.scenario.side} stack"
    then = f", and is {ACTIONS[one.fate]}" if one.fate else ""
    why = f": {one.claim.why}" if one.claim.why else ""
    return f"{one.change.logical} is created with {what}, which {one.holder}{where} still has{then}{why}"


def fix(one: Collision) -> str:
    if one.stack is not one.side.before:
        return (
            "give it another name, or take the other one out of its stack, and out of the account, in an update before"
        )
    return f"keep the logical id {one.holder}, or give {one.change.logical} another name"
