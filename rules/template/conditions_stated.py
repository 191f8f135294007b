"""A condition holds where its scenario states it: what is switched off stays off, and the other side's stays there.

A condition that forgets one of its operands holds too often, and only with parameters that nobody gives at first:
peering that is switched off though its ids are given, a route to a connection that the other side was told of. What is
stated is data, in `conditions` of a side of scenarios.yaml.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackproof.api import CannotTell, Deployment, Finding

APPLIES_TO = ("Conditions",)


def check(deployment: Deployment) -> Iterator[Finding | CannotTell]:
    for stack in deployment.stacks:
        for name, stated in stack.scenario.stated.conditions.items():
            where = f"in {stack.scenario.region} with {parameters_text(stack.scenario.parameters)}"
            if name not in stack.conditions:
                message = f"there is no condition {name}, which has to be {stated} {where}"
                yield stack.finding(("Conditions",), message, f"declare {name}, or state another condition")
            elif stack.conditions[name] is None:
                message = f"condition {name} has to be {stated} {where}, and only AWS can decide it"
                yield stack.cannot_tell(("Conditions", name), message, "state the stored value under ssm: of the side")
            elif stack.conditions[name] is not (stated == "true"):
                message = f"condition {name} is {str(stack.conditions[name]).lower()} {where}, and has to be {stated}"
                yield stack.finding(
                    ("Conditions", name),
                    message,
                    f"change what it compares, or state {name} as {str(stack.conditions[name]).lower()}",
                )


def parameters_text(parameters: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items() if value)
