"""What a stack hands on: to whoever reads its outputs, to other stacks, to programs, to people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.topology.resource_index import resources_of
from stackproof.topology.texts import texts

HANDED_ON = {
    "AWS::CloudFormation::Stack": ("Parameters",),
    "AWS::CloudFormation::StackSet": ("Parameters",),
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions",),
    "AWS::Lambda::Function": ("Environment",),
    "AWS::CodeBuild::Project": ("Environment",),
    "AWS::SSM::Parameter": ("Value",),
    "AWS::Serverless::Application": ("Parameters",),
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": ("ProvisioningParameters",),
    "AWS::SecretsManager::Secret": ("SecretString",),
}
"""By type, the properties in which others are told of something: what they do with it is not in the template."""


@memoised
def handed_on(stack: Stack) -> frozenset[str]:
    """Return the ids of the resources that a stack names to others: in outputs, settings, and to other stacks."""
    return frozenset(logical for text in _texts_handed_on(stack) for logical in resources_of(stack, text))


def _texts_handed_on(stack: Stack) -> Iterator[str]:
    values: list[Any] = [output.get("Value") for output in stack.value.get("Outputs", {}).values()]
    for resource in stack.resources.values():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == "AWS::CloudFormation::CustomResource" or kind.startswith("Custom::"):
            values.append(properties)
        elif isinstance(properties, dict):
            values += [properties.get(name) for name in HANDED_ON.get(kind, ())]
    for value in values:
        yield from (text for _, text in texts(value))
