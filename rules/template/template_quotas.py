"""The template fits into CloudFormation's quotas: 1,000,000 bytes by URL, and so many parts of each kind.

formerly: size_inline

A template that is longer or has more parts is refused before anything is created. A body of more than 51,200 bytes no
longer fits into a request, which is no fault: it goes through a bucket, and `stackproof package` and `deploy` say so.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from stackproof.api import Deployment, Document, Finding, body

APPLIES_TO = ("Resources",)
MOST = {"Parameters": 200, "Mappings": 200, "Resources": 500, "Outputs": 200}
ATTRIBUTES = 200
"""Attributes of a mapping."""
DESCRIPTION = 1024
PARAMETER = 4096
"""Bytes of a parameter's description, and of a default."""


@lru_cache(maxsize=1)
def size(template: Document) -> int:
    return len(body.minified(template).encode())


def check(deployment: Deployment) -> Iterator[Finding]:
    template = deployment.source.template
    if size(template) > body.URL_LIMIT:
        message = f"the template has {size(template)} bytes minified, {body.URL_LIMIT} is the most"
        yield deployment.finding(
            deployment.source, (), message, f"shorten it by {size(template) - body.URL_LIMIT} bytes"
        )
    for section, most in MOST.items():
        count = len(template.value.get(section, {}))
        if count > most:
            fix = f"take {count - most} out"
            message = f"there are {count} {section}, {most} is the most"
            yield deployment.finding(deployment.source, (section,), message, fix)
    for name, mapping in template.value.get("Mappings", {}).items():
        wide = max((len(entry) for entry in mapping.values()), default=0)
        if max(len(mapping), wide) > ATTRIBUTES:
            message = f"the mapping {name} has {max(len(mapping), wide)} attributes, {ATTRIBUTES} is the most"
            yield deployment.finding(deployment.source, ("Mappings", name), message, "split the mapping")
    described = len(str(template.value.get("Description", "")).encode())
    if described > DESCRIPTION:
        message = f"the description has {described} bytes, {DESCRIPTION} is the most"
        fix = f"shorten it by {described - DESCRIPTION} bytes"
        yield deployment.finding(deployment.source, ("Description",), message, fix)
    yield from of_parameters(deployment)


def of_parameters(deployment: Deployment) -> Iterator[Finding]:
    for name, declared in deployment.source.template.value.get("Parameters", {}).items():
        for key in ("Description", "Default"):
            length = len(str(declared.get(key, "")).encode())
            if length > PARAMETER:
                message = f"{key} of the parameter {name} has {length} bytes, {PARAMETER} is the most"
                yield deployment.finding(deployment.source, ("Parameters", name, key), message, "shorten it")
