"""A workflow compares the answer of a service with values that it has, and counts with numbers that change.

A status that is misspelt in a condition is never met: the branch is never taken, and the workflow waits until it gives
up, or ends as if nothing had happened. Which values a status can have is in the service's own model, as botocore
ships it; it is followed through a variable that is assigned from nothing else. A count that no state raises never
passes its bound: a loop that it was to end goes on until the workflow's time is over.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
pack: core
severity: warning
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding
from stackproof.code.compared_values import fixed_comparisons, strange_values
from stackproof.code.state_machines import state_machines

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            for strange in strange_values(machine):
                message = f"in {machine.logical}, {strange.what} is compared with {strange.value!r}, which it never is"
                fix = f"compare it with some of {', '.join(strange.known)}"
                yield stack.finding(machine.at(*strange.path), message, fix)
            for fixed in fixed_comparisons(machine):
                outcome = "always true" if fixed.outcome else "never true"
                message = f"in {machine.logical}, {fixed.text} is {outcome}: no state assigns another number"
                fix = "count it in a state of the loop, or remove the condition"
                yield stack.finding(machine.at(*fixed.path), message, fix)
