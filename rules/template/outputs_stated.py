"""Each stack tells others what its scenario states: its outputs, their values, and the names that they are exported by.

Others read a stack by its outputs: the next operation, a test of what is deployed, a stack that imports. An output that
is gone or tells of something else breaks them, and nothing in the template refers to it. What is stated is data, in
`outputs` and `exports` of a side of scenarios.yaml, "*" for a value that only AWS knows; further outputs are free.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding

APPLIES_TO = ("Outputs",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        outputs, stated = stack.value.get("Outputs", {}), stack.scenario.stated
        for name, value in stated.outputs.items():
            if name not in outputs:
                message = f"the stack in {stack.scenario.region} has no output {name}, which others read"
                yield stack.finding(("Outputs",), message, f"add the output {name}")
            elif value not in ("*", outputs[name]["Value"]):
                message = f"output {name} is {outputs[name]['Value']!r}, and others read {value!r}"
                yield stack.finding(("Outputs", name, "Value"), message, "tell what is stated in the scenarios")
        for name, export in stated.exports.items():
            exported = outputs.get(name, {}).get("Export", {}).get("Name")
            if name in outputs and exported != export:
                fault = f"is exported as {exported!r}" if exported else "is not exported"
                message = f"output {name} {fault}, and others import {export!r}"
                yield stack.finding(("Outputs", name), message, f"export it as {export}")
