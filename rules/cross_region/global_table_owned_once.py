"""One stack owns a global table, and lists a replica in both regions, its own among them.

A global table that both stacks declare is made twice or taken over by the one that comes second; one without a replica
in its stack's region is refused; a table of its name in the region of a replica keeps the replica from being made.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_reqs_bestpractices.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path
from stackproof.topology.resource_index import forms

APPLIES_TO = ("AWS::DynamoDB::GlobalTable",)
GLOBAL = "AWS::DynamoDB::GlobalTable"


def check(deployment: Deployment) -> Iterator[Finding]:
    wanted = [stack.scenario.region for stack in deployment.stacks]
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for logical, properties in stack.of_type(GLOBAL):
            path = properties_path(logical, "Replicas")
            name = forms(stack, logical)[0]
            regions = [str(replica.get("Region")) for replica in properties.get("Replicas", [])]
            for region in dict.fromkeys(wanted):
                if region not in regions:
                    message = f"{name} has replicas in {', '.join(regions)}, and none in {region}"
                    yield stack.finding(path, message, f"add a replica in {region}")
            for region in {listed for listed in regions if regions.count(listed) > 1}:
                yield stack.finding(path, f"{name} lists {region} twice", "list each region once")
            stream = properties.get("StreamSpecification", {}).get("StreamViewType")
            if len(regions) > 1 and stream != "NEW_AND_OLD_IMAGES":
                message = f"{name} has replicas and a stream of {stream}, which cannot carry them"
                yield stack.finding(path[:3], message, "set StreamViewType to NEW_AND_OLD_IMAGES")
            for second in same_name(other, name) if other.scenario.account == stack.scenario.account else ():
                if other.scenario.region in regions:
                    message = f"{second} of {other.scenario.region} creates {name}, which is a replica of {logical}"
                    owner = f"of {stack.scenario.region}"
                    yield other.finding(("Resources", second), f"{message} {owner}", "declare the table in one stack")


def same_name(stack: Stack, name: str) -> list[str]:
    """Return the tables of a stack, global or not, that have a name."""
    return [logical for logical, _ in stack.of_type(GLOBAL, "AWS::DynamoDB::Table") if name == forms(stack, logical)[0]]
