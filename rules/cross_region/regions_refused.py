"""Equal regions, and a region that is neither side's, are refused before anything is created.

With equal regions both sides would be one; in a third region neither side's conditions hold, and half a platform comes
up that replicates to nowhere. A template that names no region, in parameters, assertions or conditions, has no sides:
it runs in every region. Only Rules and the constraints of parameters are checked before the first resource.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
pack: house
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from stackproof.api import Deployment, Finding, Stack, acceptance

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Iterator[Finding]:
    regions = [stack.scenario.region for stack in deployment.stacks]
    for stack in deployment.stacks:
        scenario = stack.scenario
        named = region_parameters(stack, regions)
        if not named and not tells_regions_apart(stack):
            continue
        third = next((region for region in sorted(scenario.partition.regions) if region not in regions), None)
        if third and not acceptance.refusal(stack.template, replace(scenario, region=third)):
            message = f"{third} accepts the template, whose regions are {' and '.join(regions)}"
            yield stack.finding(("Rules",), message, "assert in Rules that AWS::Region is one of the two")
        for parameter, value in named:
            other = next((region for region in regions if region != value), "")
            if other and not acceptance.refusal(
                stack.template, acceptance.with_parameters(scenario, {parameter: other})
            ):
                message = f"{scenario.region} accepts {parameter} {other}, with which both sides are one region"
                yield stack.finding(("Rules",), message, "assert in Rules that the two regions differ")


def tells_regions_apart(stack: Stack) -> bool:
    """Tell whether what is there, or is accepted, depends on the region that the stack is in."""
    sections = [stack.template.value.get(name, {}) for name in ("Rules", "Conditions", "Mappings")]
    return "AWS::Region" in json.dumps(sections) or any(
        region in json.dumps(sections) for region in stack.scenario.partition.regions
    )


def region_parameters(stack: Stack, regions: list[str]) -> list[tuple[str, str]]:
    """Return the parameters that name a region of the deployment."""
    values = stack.evaluator.scope.parameters.items()
    return [(name, value) for name, value in values if isinstance(value, str) and value in regions]
