"""No two resources claim one name where only one can have it: in a region, in an account, in the world.

Names of buckets are one for the world, names of roles and dashboards one for an account whatever the region: two
stacks of one template collide unless such a name holds what tells the sides apart. The second stack to be created
fails, or quietly writes over what is the first one's.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html (dashboards are global)
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path
from stackproof.aws.data import facts
from stackproof.aws.references import FORMATS

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Iterator[Finding]:
    claimed: dict[tuple[str, ...], tuple[Stack, str]] = {}
    for stack in deployment.stacks:
        for logical, key, name, where, scope in claims(stack):
            claim = (stack.resources[logical]["Type"], name.lower(), *scope)
            if claim not in claimed:
                claimed[claim] = (stack, logical)
                continue
            first, other = claimed[claim]
            message = f"{logical} of {stack.scenario.region} is named {name!r}, as {other} of {first.scenario.region}"
            fix = "put the region into the name" if first is not stack else "rename one"
            path = properties_path(logical, key)
            yield stack.finding(path, f"{message}, and {where} there can be only one", fix)


def claims(stack: Stack) -> Iterator[tuple[str, str, str, str, tuple[str, ...]]]:
    """Give each resource with a name of its own, the property that holds it, and where it has to be the only one."""
    scenario = stack.scenario
    for logical, resource in stack.resources.items():
        kind = resource["Type"]
        key = FORMATS[kind].name if kind in FORMATS else ""
        among = facts("resource_types", "unique_in").get(kind, "region")
        name = resource.get("Properties", {}).get(key)
        if isinstance(name, str) and among != "nothing":
            if among == "world":
                yield logical, key, name, "in the world", (scenario.partition.name,)
            elif among == "account":
                yield logical, key, name, f"in account {scenario.account}", (scenario.account,)
            else:
                where = f"in {scenario.region} of one account"
                yield logical, key, name, where, (scenario.account, scenario.region)
