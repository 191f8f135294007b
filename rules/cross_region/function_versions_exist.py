"""Every version or alias by which a resource calls a function is one that the function's stack creates.

A call of an alias that is not there fails, as does the permission for it: an alias belongs to one function in one
region, and one that stands under a condition is missing in the other region. What policies allow is left out, since
they may name what comes later; so are templates with a transform, which makes aliases of its own.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/using-aliases.html
pack: resilience
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, memoised, properties_path
from stackproof.monitoring.delivery import qualifier_of
from stackproof.topology.event_sources import function_of
from stackproof.topology.texts import arns_in, texts_of

APPLIES_TO = ("AWS::Lambda::Function",)
BY_NAME = {
    "AWS::Lambda::EventInvokeConfig": ("FunctionName", "Qualifier"),
    "AWS::Lambda::EventSourceMapping": ("FunctionName", ""),
    "AWS::Lambda::Permission": ("FunctionName", ""),
    "AWS::Lambda::Url": ("TargetFunctionArn", "Qualifier"),
}
"""Types that name a function by its name as well: the property, and the one that may hold the qualifier."""
POLICIES = ("AssumeRolePolicyDocument", "KeyPolicy", "Policies", "PolicyDocument", "PolicyText", "ResourcePolicy")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        if stack.template.value.get("Transform"):
            continue
        for path, name, qualifier in qualified(stack):
            region = name.split(":")[3] if name.startswith("arn:") else stack.scenario.region
            home = next((each for each in deployment.stacks if each.scenario.region == region), None)
            function = function_of(home, name) if home else None
            if home and function and not exists(home, function, qualifier):
                message = f"{path[1]} calls {qualifier!r} of {function}, which the stack in {region} does not create"
                fix = "name the alias by Ref, or create it there"
                yield stack.finding(path, message, fix)


def qualified(stack: Stack) -> Iterator[tuple[Path, str, str]]:
    """Give the functions that a stack names with a version or an alias: where, by what, and the version or alias."""
    found = [(path, text) for path, text in texts_of(stack) if ":function:" in text]
    for path, text in found:
        if path[0] == "Resources" and not any(key in path for key in POLICIES):
            for arn in arns_in(text):
                name = arn.removesuffix("/invocations")
                if ":lambda:" in name and (qualifier := qualifier_of(name)):
                    yield path, name, qualifier
    for kind, (named, beside) in BY_NAME.items():
        for logical, properties in stack.of_type(kind):
            name = str(properties.get(named))
            key = beside if beside in properties else named
            qualifier = str(properties[beside]) if key == beside else qualifier_of(name)
            if qualifier and (key == beside or not name.startswith("arn:")):
                yield properties_path(logical, key), name, qualifier


def exists(stack: Stack, function: str, qualifier: str) -> bool:
    if qualifier in ("*", "$LATEST") or "{{" in qualifier or "*" in qualifier:
        return True
    aliases, versioned = created(stack)
    return (function in versioned) if qualifier.isdigit() else (function, qualifier) in aliases


@memoised
def created(stack: Stack) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the aliases that a stack creates, each with its function, and the functions of which it makes versions."""
    aliases = (
        (function_of(stack, properties.get("FunctionName")), str(properties.get("Name")))
        for _, properties in stack.of_type("AWS::Lambda::Alias")
    )
    versions = (function_of(stack, made.get("FunctionName")) for _, made in stack.of_type("AWS::Lambda::Version"))
    return (
        frozenset((function, name) for function, name in aliases if function),
        frozenset(function for function in versions if function),
    )
