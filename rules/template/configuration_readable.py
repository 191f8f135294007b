"""A parameter of Parameter Store that holds JSON is one text, in a path, and fits its tier.

A list of strings would be cut at the commas of the JSON, a secure one CloudFormation cannot create. A standard one
holds 4 KB, and a name with slashes begins with one.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
pack: core
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, properties_path

APPLIES_TO = ("AWS::SSM::Parameter",)
SIZES = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::SSM::Parameter"):
            for key, message, fix in faults(properties):
                yield stack.finding(properties_path(logical, key), f"{logical} {message}", fix)


def faults(properties: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    kind, tier, value = properties.get("Type"), str(properties.get("Tier", "Standard")), str(properties.get("Value"))
    is_json = value.startswith(("{", "[")) and not value.startswith("{{")  # a token, of which only AWS knows the text
    if kind != "String" and (kind != "StringList" or is_json):
        yield "Type", f"holds {value[:1] or 'nothing'}... and is of type {kind}", "make it a String"
    size = len(value.encode())
    if size > SIZES.get(tier, 0):
        yield "Value", f"has {size} bytes, and the tier {tier} holds {SIZES.get(tier, 0)}", "shorten it"
    if "/" in str(properties.get("Name", "")) and not str(properties["Name"]).startswith("/"):
        yield "Name", f"is named {properties['Name']}, a path that does not begin with /", "begin it with /"
    if is_json:
        try:
            json.loads(value)
        except ValueError as error:
            yield (
                "Value",
                f"is no JSON, though it begins like it: {error}",
                "write JSON, or begin the text with another character",
            )
