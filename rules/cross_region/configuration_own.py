"""What a side tells its functions is of that side: its own region, its own bucket and stream, not the other's.

Both sides are made of one text, in which a parameter for a pseudo parameter, or one side's name for the other's, stays
unnoticed: the code runs, and writes to, or says that it ran in, the other region. Looked at are the environment of
functions and the parameters of Parameter Store, texts and JSON. What both sides have, such as a replica, is either's.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
pack: resilience
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, properties_path
from stackproof.topology.resource_index import GLOBAL_TABLE, resources_of
from stackproof.topology.texts import texts

APPLIES_TO = ("AWS::Lambda::Function", "AWS::SSM::Parameter")
SPOKEN = ("other", "peer", "source", "target", "primary", "secondary", "remote", "destination", "replica")
"""Words in the name of a value that is meant to be of the other side."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for path, name, text in settings(stack):
            if is_meant_for_other(stack, str(path[1]), name):
                continue
            if text == other.scenario.region:
                message = f"{path[1]} gets the region {text} as {name}, and is in {stack.scenario.region}"
                yield stack.finding(path, message, 'write { "Ref": "AWS::Region" }')
            elif not resources_of(stack, text) and is_of(other, text):
                message = f"{path[1]} gets {text} as {name}, which only the stack in {other.scenario.region} has"
                yield stack.finding(path, message, "write a Ref or Fn::GetAtt of the stack's own resource")


def is_meant_for_other(stack: Stack, logical: str, name: str) -> bool:
    """Tell whether a name says that the value is of the other side; a whole parameter's id and Name may, too."""
    if name == "Value":
        name = f"{logical} {stack.resources[logical]['Properties'].get('Name', '')}"
    return any(word in name.lower() for word in SPOKEN)


def is_of(owner: Stack, text: str) -> bool:
    """Tell whether a text names what a stack alone has: not a global table, which is in both regions."""
    types = [owner.resources[logical]["Type"] for logical in resources_of(owner, text)]
    return bool(types) and GLOBAL_TABLE not in types


def settings(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give each text that functions get: where it stands, what it is called, and the text."""
    for logical, properties in stack.of_type("AWS::Lambda::Function"):
        for name, value in properties.get("Environment", {}).get("Variables", {}).items():
            yield properties_path(logical, "Environment", "Variables", name), name, str(value)
    for logical, properties in stack.of_type("AWS::SSM::Parameter"):
        for inner, text in texts(parsed(str(properties.get("Value", "")))):
            yield properties_path(logical, "Value"), str(inner[-1] if inner else "Value"), text


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
