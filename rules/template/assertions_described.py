"""Every assertion says what it asserts.

The description is all that CloudFormation shows to who gave parameters that an assertion refuses.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path

APPLIES_TO = ("Resources",)


def check(deployment: Deployment) -> Iterator[Finding]:
    stack = deployment.source
    for name, rule in stack.template.value.get("Rules", {}).items():
        for index, assertion in enumerate(rule["Assertions"]):
            description = assertion.get("AssertDescription")
            if not isinstance(description, str) or not description.strip():
                path: Path = ("Rules", name, "Assertions", index)
                message = f"assertion {index + 1} of rule {name} does not say what it asserts"
                place = stack.template.place(path)
                yield Finding("", place, deployment.name, "both", message, "give it an AssertDescription", path)
