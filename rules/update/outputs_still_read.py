"""No output goes, and no export changes, that others still read.

CloudFormation refuses to delete or change an export while a stack imports it. What scripts, people and the other
region's stack read by name simply fails: the other stack until its own update, which comes later.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
pack: resilience
severity: error
on: update
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackproof.api import CannotTell, Finding, Findings, Stack
from stackproof.changes.stack_update import StackUpdate
from stackproof.changes.update import Update
from stackproof.topology.texts import texts

APPLIES_TO = ("Outputs",)
READS = "Fn::GetStackOutput"


def check(update: Update) -> Findings:
    for side in update.sides:
        if side.is_same_stack:
            yield from exports_of(side)
            yield from stated(side)
    if any(READS in stack.template.text for stack in update.stacks):
        yield from between(update)


def exports(stack: Stack) -> Mapping[str, tuple[str, str]]:
    """Return by name of export the output and its value."""
    outputs = stack.value.get("Outputs", {}).items()
    return {
        str(output["Export"]["Name"]): (name, str(output["Value"])) for name, output in outputs if "Export" in output
    }


def exports_of(side: StackUpdate) -> Iterator[Finding]:
    before, after = exports(side.before), exports(side.after)
    for name, (output, value) in before.items():
        if name not in after:
            message = f"the export {name} of {output} is gone: refused while a stack imports it"
            yield side.after.finding(
                ("Outputs",), message, "leave it until nothing imports it (aws cloudformation list-imports)"
            )
        elif after[name][1] != value or any(is_replaced(side, text) for _, text in texts(value)):
            message = f"the value of the export {name} changes: refused while a stack imports it"
            fix = "export the new value under another name, and leave the old one until nothing imports it"
            yield side.after.finding(("Outputs", after[name][0], "Value"), message, fix)


def is_replaced(side: StackUpdate, text: str) -> bool:
    """Tell whether a value is of a resource that is replaced."""
    replaced = [change.logical for change in side.changes if change.action == "replace"]
    return any(f"{{{{{logical}{mark}" in text for logical in replaced for mark in "@.")


def stated(side: StackUpdate) -> Iterator[Finding]:
    """Give outputs that the scenarios say others read."""
    outputs = side.after.value.get("Outputs", {})
    for name in side.before.scenario.stated.outputs:
        if name in side.before.value.get("Outputs", {}) and name not in outputs:
            message = f"the output {name} is gone, which others read, as the scenarios say"
            yield side.after.finding(
                ("Outputs",), message, "leave it, and let its readers go over to another one first"
            )


def between(update: Update) -> Findings:
    """Give an output that the stack which is updated later reads, and that the first one has no more."""
    try:
        update.resolved_between()
    except CannotTell as error:
        first, second = update.in_order
        message = f"while the {first.side} stack is updated and the {second.side} stack is not: {error.message}"
        yield first.after.finding(("Outputs",), message, "leave the output until the other stack no longer reads it")
