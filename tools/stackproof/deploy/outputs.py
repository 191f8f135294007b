"""What both stacks tell, as the integration tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.deploy.client import Cloud
from stackproof.deploy.stack_events import standing
from stackproof.evaluation.scenario import Scenario
from stackproof.foundation.finding import CannotTell, Side
from stackproof.plan.operations import Plan


def read(cloud: Cloud, plan: Plan, stacks: Mapping[Side, str]) -> dict[str, Any]:
    """Return {"source": {"stack", "region", "outputs"}, "target": …}; `stacks` holds names or ids by side."""
    return {side.side: _side(cloud, side, stacks[side.side]) for side in plan.pair.sides}


def _side(cloud: Cloud, scenario: Scenario, stack: str) -> dict[str, Any]:
    at = standing(cloud, scenario.region, stack) if stack else None
    if at is None or not at.outputs:
        lacking = "has no outputs" if at else "is not there"
        message = f"the {scenario.side} stack {stack or scenario.stack} in {scenario.region} {lacking}"
        raise CannotTell(message, fix="deploy it first, or give its name with --stack or --stack-set")
    return {"stack": at.id.split("/")[1], "region": scenario.region, "outputs": dict(at.outputs)}
