"""Every customer key has one alias, by which people find it.

A key's id says nothing; without an alias it is one of many alike in the console, and the wrong one is deleted. An alias
on another resource's key hides the one that it should name.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, properties_path, resources_by_name

APPLIES_TO = ("AWS::KMS::Key",)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        keys = resources_by_name(stack, "AWS::KMS::Key")
        aliases_of: dict[str, list[str]] = {key: [] for key in keys.values()}
        for logical, properties in stack.of_type("AWS::KMS::Alias"):
            name, key = str(properties.get("AliasName")), keys.get(str(properties.get("TargetKeyId")))
            if not name.startswith("alias/") or name.startswith("alias/aws/"):
                message = f"{logical} is called {name}, and KMS takes names that begin with alias/, but not alias/aws/"
                yield stack.finding(properties_path(logical, "AliasName"), message, "write alias/NAME")
            if key is None:
                message = f"{logical} names {properties.get('TargetKeyId')}, which is no key of the stack"
                yield stack.finding(properties_path(logical, "TargetKeyId"), message, "name a key")
            else:
                aliases_of[key].append(logical)
        for key, aliases in aliases_of.items():
            if len(aliases) != 1:
                listed = f"the aliases {', '.join(aliases)}" if aliases else "no alias"
                yield stack.finding(("Resources", key), f"{key} has {listed}", "give each key one alias of its own")
