"""Every policy is written in the language's current version.

Without `Version` a policy is read as of 2008-10-17, where a policy variable such as ${aws:username} is plain text: a
statement then allows or denies something else than it says.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
pack: security
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, as_list, once_of_alike, properties_path

APPLIES_TO = ("Resources",)
CURRENT = "2012-10-17"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, resource in stack.resources.items():
            for path, version in versions_of(resource, logical):
                if version != CURRENT:
                    fault = f"is of version {version!r}" if version else "has no Version"
                    yield stack.finding(path, f"a policy of {logical} {fault}", f"set Version to {CURRENT}")


@once_of_alike
def versions_of(resource: Mapping[str, Any], logical: str) -> tuple[tuple[Path, Any], ...]:
    return tuple(versions(resource.get("Properties", {}), properties_path(logical)))


def versions(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Give the version of every policy below a value: of what has a Statement with an Effect, as no rule of WAF has."""
    if isinstance(value, dict):
        stated = as_list(value.get("Statement", []))
        if any(isinstance(statement, dict) and "Effect" in statement for statement in stated):
            yield path, value.get("Version")
        else:
            for key, item in value.items():
                if isinstance(item, dict | list):
                    yield from versions(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from versions(item, (*path, index))
