"""The template fits into CloudFormation's quotas: 1,000,000 bytes by URL, minified, and so many parts of each kind.

A template that is longer or has more parts is refused. A body of more than 51,200 bytes goes through a bucket, which is
no fault.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from stackproof.api import Deployment, Document, Finding, body

APPLIES_TO = ("Resources",)
MOST = {"Parameters": 200, "Mappings": 200, "Resources": 500, "Outputs": 200}
DESCRIPTION = 1024
BYTES = 1_000_000


@lru_cache(maxsize=1)
def size(template: Document) -> int:
    return len(body.minified(template).encode())


def check(deployment: Deployment) -> Iterator[Finding]:
    template = deployment.source.template
    if size(template) > BYTES:
        message = f"the template has {size(template)} bytes minified, {BYTES} is the most"
        yield deployment.finding(deployment.source, (), message, f"shorten it by {size(template) - BYTES} bytes")
    for section, most in MOST.items():
        count = len(template.value.get(section, {}))
        if count > most:
            yield deployment.finding(
                deployment.source, (section,), f"there are {count} {section}, {most} is the most", "take some out"
            )
    described = len(str(template.value.get("Description", "")).encode())
    if described > DESCRIPTION:
        message = f"the description has {described} bytes, {DESCRIPTION} is the most"
        yield deployment.finding(deployment.source, ("Description",), message, "shorten it")
