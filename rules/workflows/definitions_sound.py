"""The definition of every state machine is sound: each state is there, is reached, and leads to an end.

CloudFormation hands a definition on unread: a state that is misspelt, a branch that leads nowhere or a substitution
that nobody gives is found when the stack is created, or when the branch is first taken. A Choice that no condition of
holds fails its execution, so it has a Default, or a branch for true and one for false. A definition that cannot be read
is no pass. An Express workflow ends after five minutes, so it waits neither so long nor for a job.
Source: https://states-language.net/spec.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
pack: core
"""

from __future__ import annotations

from stackproof.api import Deployment, Findings
from stackproof.code.definition_check import faults
from stackproof.code.express_workflows import express_faults
from stackproof.code.state_machines import state_machines

APPLIES_TO = ("AWS::StepFunctions::StateMachine",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        for machine in state_machines(stack):
            if machine.unread:
                message = f"the definition of {machine.logical} cannot be read: {machine.unread}"
                yield stack.cannot_tell(machine.path, message, "write it into the template, as Definition")
            elif machine.malformed:
                message = f"the definition of {machine.logical} cannot be read: {machine.malformed}"
                yield stack.finding(machine.path, message, "write it as a JSON object")
            properties = stack.resources[machine.logical].get("Properties", {})
            express = express_faults(machine) if properties.get("StateMachineType") == "EXPRESS" else ()
            for fault in () if machine.unread or machine.malformed else (*faults(machine), *express):
                message = f"in {machine.logical}, {fault.message}"
                yield stack.finding(machine.at(*fault.path), message, fault.fix)
