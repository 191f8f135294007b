"""Every resource that can have a name is given one: what, then whose, then where: `{what}-{suffix}-{region}`.

The suffix is what the template must be given, a parameter without default, so that several deployments fit into one
account; the region follows where it is said, so that one cannot be taken for the other's. A path holds the suffix as a
part of its own, a domain name before its zone, and a name that takes no hyphens has underscores. What has no name is
given one by AWS, which the other region cannot put together; roles alone may, for to name them is a capability. Where
nothing has to be given, what is created is there once an account, and the account's id tells whose it is; a role that a
service looks for has the name that the service gives.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
pack: house
setting: pattern: what every name matches in place of this form, a regular expression with {suffix} and {region}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from stackproof.api import Deployment, Finding, Stack, properties_path
from stackproof.aws.references import FORMATS

APPLIES_TO = ("Resources",)
OF_AWS = ("AWSCloudFormationStackSetAdministrationRole", "AWSCloudFormationStackSetExecutionRole")
WHAT = r"(/aws/([a-z]+/)+|alias/)?[a-z][a-z0-9]*(-[a-z0-9]+)*"


class Settings(NamedTuple):
    pattern: str = ""


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        parameters = stack.template.value.get("Parameters", {})
        required = [name for name, declared in parameters.items() if "Default" not in declared]
        suffixes = [str(stack.scenario.parameters[name]) for name in required if name in stack.scenario.parameters]
        suffixes = suffixes or [stack.scenario.account]
        regions = [side.scenario.region for side in deployment.stacks]
        for logical, resource in stack.resources.items():
            key = FORMATS[resource["Type"]].name if resource["Type"] in FORMATS else ""
            name = resource.get("Properties", {}).get(key)
            if key and name is None and not resource["Type"].startswith("AWS::IAM::"):
                yield stack.finding(
                    ("Resources", logical),
                    f"{logical} is left without a name of its own, so its name says neither what nor whose it is",
                    f"set {key}",
                )
            if (
                isinstance(name, str)
                and name not in OF_AWS
                and not any(follows(name, suffix, stack, regions, settings.pattern) for suffix in suffixes)
            ):
                yield stack.finding(
                    properties_path(logical, key),
                    f"{logical} is named {name!r}, which is not what-{suffixes[0]}-{stack.scenario.region}",
                    "put the suffix after what it is, and the region at the end",
                )


def follows(name: str, suffix: str, stack: Stack, regions: list[str], pattern: str) -> bool:
    if pattern:
        own = pattern.replace("{suffix}", re.escape(suffix)).replace("{region}", re.escape(stack.scenario.region))
        return re.fullmatch(own, name) is not None
    plain = name if "-" in name else name.replace("_", "-")
    stem = plain.removesuffix(f"-{stack.scenario.region}")
    whose = re.escape(suffix)
    shapes = [rf"{WHAT}-{whose}"]
    if stem == plain:
        shapes += [rf"(/[a-z0-9-]+)*/{whose}(/[a-z0-9-]+)*", rf"{WHAT}-{whose}(\.[a-z0-9-]+)+\.?"]
    has_region = any(region in stem for region in regions)
    return not has_region and any(re.fullmatch(shape, stem) for shape in shapes)
