"""What a dynamic reference or a parameter reads from a store is in the own region, and not in the other stack's alone.

CloudFormation looks parameters and secrets up in the region of the stack. A parameter that the other stack creates in
its region is not there: the stack is refused, or takes an older value that somebody has left.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import (
    Deployment,
    Finding,
    Path,
    Stack,
    as_list,
    as_mapping,
    declarations,
    holds_unknown,
    resource_of,
)
from stackproof.topology.resource_index import waits_for
from stackproof.topology.texts import texts_of

APPLIES_TO = ("Resources",)
REFERENCE = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")
SECRETS = "AWS::SecretsManager::Secret"
KEYED = re.compile(r"\{\{resolve:secretsmanager:((?:\{\{[^{}]*\}\}|[^{}])+?):SecretString:([^:{}]*)")
SECRET = re.compile(r"arn:[^:]+:secretsmanager:([a-z0-9-]+):[0-9]+:secret:([^:]+?)(-[A-Za-z0-9]{6})?(:|$)")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for path, name, region in once(stack):
            if region not in ("", stack.scenario.region):
                message = f"{path[1]} reads {name} of {region}, and its stack is in {stack.scenario.region}"
                yield stack.finding(path, message, "name what is in the stack's own region")
            elif not creates(stack, name) and creates(other, name):
                there = f"which only the stack in {other.scenario.region} creates"
                message = f"{path[1]} reads {name} in {stack.scenario.region}, {there}"
                yield stack.finding(path, message, "create it in both regions, or read it under a Condition")
            elif path[0] == "Resources" and (made := creator(stack, name)) and made not in awaited(stack, str(path[1])):
                message = f"{path[1]} reads {name}, which {made} may create only after it"
                yield stack.finding(path, message, f"add DependsOn: {made}, or take the value by Fn::GetAtt")
        yield from of_keys(stack)


def once(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give what a stack reads, each name once: where the reference is written, and not where a Ref repeats it."""
    found: dict[tuple[str, str], Path] = {}
    for path, name, region in read(stack):
        if (name, region) not in found or (is_written(stack, path) and not is_written(stack, found[name, region])):
            found[name, region] = path
    for (name, region), path in found.items():
        yield path, name, region


def is_written(stack: Stack, path: Path) -> bool:
    node = stack.template.value
    for key in stack.origin(path):
        node = node[key]
    return "{{resolve:" in str(node) or path[0] == "Parameters"


def read(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give the names that a stack reads from a store, each with the region that an ARN states, "" if none does."""
    for path, text in texts_of(stack):
        for service, key in REFERENCE.findall(text) if "{{resolve:" in text else ():
            arn = SECRET.match(key) if service == "secretsmanager" else None
            yield path, arn[2] if arn else key.split(":")[0], arn[1] if arn else ""
    for name, declared in declarations(stack.template).items():
        value = stack.scenario.parameters.get(name, declared.default)
        if declared.stored and isinstance(value, str):
            yield ("Parameters", name), value, ""


def creates(stack: Stack, name: str) -> bool:
    """Tell whether a stack creates a parameter or a secret of a name."""
    return creator(stack, name) is not None


def creator(stack: Stack, name: str) -> str | None:
    """Return the parameter or the secret of a stack that has a name, or an ARN or a token that names it."""
    named = (logical for logical, properties in stack.of_type(SECRETS) if str(properties.get("Name")) == name)
    return resource_of(stack, name, "AWS::SSM::Parameter") or next(named, None)


def awaited(stack: Stack, logical: str) -> frozenset[str]:
    return waits_for(stack, logical) | {logical}


def of_keys(stack: Stack) -> Iterator[Finding]:
    """Find keys of secrets of the stack that these do not have."""
    if not any(stack.of_type(SECRETS)):
        return
    for path, text in texts_of(stack):
        for secret, key in KEYED.findall(text) if "{{resolve:secretsmanager" in text else ():
            logical = resource_of(stack, secret, SECRETS) or creator(stack, secret)
            generated = (
                as_mapping(stack.resources[logical].get("Properties", {}).get("GenerateSecretString"))
                if logical
                else {}
            )
            template = generated.get("SecretStringTemplate")
            if not generated or holds_unknown(str(template)):
                continue
            known = [*as_mapping(template), *as_list(generated.get("GenerateStringKey", []))]
            if key and key not in known:
                has = ", ".join(map(str, known)) or "is one text without keys"
                message = f"{path[1]} reads {key} of {logical}, which has {has}"
                yield stack.finding(path, message, "name a key of SecretStringTemplate, or GenerateStringKey")
