"""An id that one stack is told by the other's output stays what it is, and the output too.

The stack that takes the id has it as a parameter until its own update: if the resource is replaced meanwhile, it
leads to one that is gone (a route to a peering that is none), or keeps the old one from going (a VPC with a peering).
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
Source: https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
pack: resilience
severity: error
on: update
"""

from __future__ import annotations

from stackproof.api import Findings, resource_of
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update
from stackproof.topology.required_names import ID_KINDS

APPLIES_TO = ("Outputs",)


def check(update: Update) -> Findings:
    if not any(map(may_matter, update.sides)):
        return
    for wire in update.handed_over:
        taker = update.source if wire.side == "source" else update.target
        provider = update.other(taker)
        output = provider.before.value.get("Outputs", {}).get(wire.output)
        if output is None:
            continue
        what = f"{wire.parameter} of the {taker.side} stack"
        if wire.output not in provider.after.value.get("Outputs", {}):
            message = f"the output {wire.output} is gone, which tells {what}"
            yield provider.after.finding(("Outputs",), message, "leave it, or empty the parameter in an update before")
            continue
        change = provider.by_id.get(resource_of(provider.before, output["Value"]) or "")
        if change is not None and change.leaves:
            how = "is replaced" if change.after is not None else "is taken out"
            message = f"{change.logical} {how}, whose id the output {wire.output} tells {what}"
            fix = f"empty {wire.parameter} in an update of the {taker.side} stack before, and give the new id after it"
            yield provider.finding(change, message, fix)


def may_matter(side: StackUpdate) -> bool:
    kinds = {*ID_KINDS.values()}
    gone = side.before.value.get("Outputs", {}).keys() - side.after.value.get("Outputs", {}).keys()
    return bool(gone) or any(change.kind in kinds for change in side.changes if change.leaves)
