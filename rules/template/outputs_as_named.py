"""Every output is what its name says: an ARN, a name, an id, an address, a version, and of the resource that it names.

Whoever reads an output knows its name and nothing else. `OrderTableArn` has to be an ARN, and of OrderTable if there
is one; a version has three numbers, so that two can be compared.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
Source: https://semver.org
pack: house
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack
from stackproof.topology.resource_index import forms

APPLIES_TO = ("Outputs",)
ENDS = re.compile("(?P<subject>.*?)(?P<kind>Arn|ARN|Name|Id|ID|Url|URL|Version)")
KINDS = {
    "arn": ("an ARN", re.compile(r"arn:.+|\{\{.+")),
    "name": ("a name", re.compile(r"(?!arn:|https?:).+")),
    "id": ("an id", re.compile(r"(?!arn:|https?:).+")),
    "url": ("an address", re.compile(r"https?://.+|\{\{.+")),
    "version": ("a version of three numbers", re.compile(r"[0-9]+\.[0-9]+\.[0-9]+([-+][\w.+-]+)?")),
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for name, output in stack.value.get("Outputs", {}).items():
            found = ENDS.fullmatch(name)
            if found is None:
                continue
            value, path = str(output["Value"]), ("Outputs", name, "Value")
            what, pattern = KINDS[found["kind"].lower()]
            if not pattern.fullmatch(value):
                yield stack.finding(path, f"output {name} is {value!r}, which is not {what}", f"tell {what}")
            elif not tells(stack, found["subject"], value):
                message = f"output {name} is {value!r}, which is not of {found['subject']}"
                yield stack.finding(path, message, f"refer to {found['subject']}")


def tells(stack: Stack, subject: str, value: str) -> bool:
    """Tell whether a value is of the resource that it is named after; of none, if there is none of that id."""
    if subject not in stack.resources:
        return True
    return any(text in value for text in forms(stack, subject)) or f"{{{{{subject}." in value
