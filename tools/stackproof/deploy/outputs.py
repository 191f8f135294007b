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
    return {one.side: _side(cloud, one, stacks[one.side]) for one in plan.pair.sides}


def _side(cloud: Cloud, one: Scenario, stack: str) -> dict[str, Any]:
    at = standing(cloud, one.region, stack) if stack else None
    if at is None or not at.outputs:
        said = f"the {one.side} stack {stack or one.stack} in {one.region} {'has no outputs' if at else 'is not there'}"
        raise CannotTell(said, fix="deploy it first, or give its name with --stack or --stack-set")
    return {"stack": at.id.split("/")[1], "region": one.region, "outputs": dict(at.outputs)}
