"""The function of a custom resource can answer for as long as the resource is there.

CloudFormation deletes in the reverse order of creation. If the function runs in the VPC and its routes, or the policies
of its role, do not have to wait for the custom resource, they may go first: the function cannot answer the deletion any
more, and the stack hangs until the custom resource times out.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-lambda.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, resources_by_name
from stackproof.topology.event_sources import function_of
from stackproof.topology.network import associations, attachments, functions_in_vpc, routes, vpc_of
from stackproof.topology.resource_index import waits_for

APPLIES_TO = ("AWS::CloudFormation::CustomResource", "Custom::")
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, function in custom_resources(stack):
            waited = waits_for(stack, logical)
            missing = [
                needed for needed in (*ways_out(stack, function), *policies(stack, function)) if needed not in waited
            ]
            if missing:
                listed = ", ".join(dict.fromkeys(missing))
                message = f"{logical} is answered by {function}, which needs {listed}: at deletion these may go first"
                fix = f"take {function} out of the VPC" if missing != policies(stack, function) else "add DependsOn"
                yield stack.finding(("Resources", logical), message, fix)


def custom_resources(stack: Stack) -> Iterator[tuple[str, str]]:
    """Give each custom resource with the function of the stack that answers for it."""
    for logical, resource in stack.resources.items():
        if resource["Type"] == "AWS::CloudFormation::CustomResource" or resource["Type"].startswith("Custom::"):
            function = function_of(stack, resource.get("Properties", {}).get("ServiceToken"))
            if function:
                yield logical, function


def ways_out(stack: Stack, function: str) -> list[str]:
    """Return what a function in a VPC goes out by: rules of its groups, associations, routes, gateways, attachments."""
    places = ((subnets, groups) for logical, subnets, groups in functions_in_vpc(stack) if logical == function)
    subnets, groups = next(places, ([], []))
    ids = resources_by_name(stack, "AWS::EC2::SecurityGroup")
    rules = stack.of_type("AWS::EC2::SecurityGroupEgress")
    found = [logical for logical, rule in rules if ids.get(str(rule.get("GroupId"))) in groups]
    for association, subnet, table in associations(stack):
        if subnet in subnets:
            found += [association, *(route.logical for route in routes(stack, table) if route.is_default)]
            found += attachments(stack, vpc_of(stack, subnet))
    return found


def policies(stack: Stack, function: str) -> list[str]:
    """Return the policies that are attached to a function's role from outside it."""
    role = str(stack.resources[function].get("Properties", {}).get("Role")).rpartition("/")[2]
    found = []
    for logical, properties in stack.of_type(*POLICIES):
        if role in [*properties.get("Roles", []), properties.get("RoleName")]:
            found.append(logical)
    return found
