"""Every resource that takes tags carries Environment and Region: whose it is, and which region's.

Costs, searches and permissions by tag miss what has none. Which types take tags, and in which property, is read from
the schemas that cfn-lint ships; a global table takes them replica by replica.
Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
pack: house
setting: tags: the keys of the tags that every resource carries
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Path, Stack, properties_path
from stackproof.aws.taggable import tag_property

APPLIES_TO = ("Resources",)
TABLE = "AWS::DynamoDB::GlobalTable"
Tagged = tuple[Path, Any, str]


class Settings(NamedTuple):
    tags: tuple[str, ...] = ("Environment", "Region")


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        environments: dict[str, str] = {}
        for logical, resource in stack.resources.items():
            for path, tags, region in places(stack, logical, resource):
                found = pairs(tags)
                for key in settings.tags:
                    if not found.get(key):
                        yield stack.finding(path, f"{logical} has no tag {key}", "add it")
                if found.get("Region", region) != region:
                    message = f"{logical} is tagged with Region {found['Region']}, but it is in {region}"
                    yield stack.finding(path, message, "say the region that it is in")
                if environment := found.get("Environment"):
                    environments.setdefault(environment, logical)
                    first = next(iter(environments))
                    if environment != first:
                        message = (
                            f"{logical} is tagged with Environment {environment}, {environments[first]} with {first}"
                        )
                        yield stack.finding(path, message, "say one environment")


def places(stack: Stack, logical: str, resource: Mapping[str, Any]) -> Iterator[Tagged]:
    """Give where a resource takes tags, the tags there, and the region that they must name."""
    path: Path = properties_path(logical)
    properties = resource.get("Properties", {})
    if resource["Type"] == TABLE:
        for index, replica in enumerate(properties.get("Replicas", [])):
            yield (*path, "Replicas", index, "Tags"), replica.get("Tags"), str(replica.get("Region"))
    elif name := tag_property(resource["Type"]):
        yield (*path, name), properties.get(name), stack.scenario.region


def pairs(tags: Any) -> dict[str, str]:
    """Return tags, a list of pairs or a mapping, as a mapping."""
    if isinstance(tags, dict):
        return {key: str(value) for key, value in tags.items()}
    found = [tag for tag in tags or [] if isinstance(tag, dict)]
    return {str(tag.get("Key")): str(tag.get("Value")) for tag in found}
