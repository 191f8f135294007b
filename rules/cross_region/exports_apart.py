"""No export meets itself: not in its own stack, not in a second stack of the template in one region.

Names of exports are one for a region of an account. An export that names neither its stack nor what every stack is
given keeps a second environment from being created; an import of what the stack itself exports, or of the other
region's exports, finds nothing.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, declarations
from stackproof.topology.texts import texts_of

APPLIES_TO = ("Outputs",)
IMPORT = re.compile(r"\{\{Fn::ImportValue (.+?)@")


def check(deployment: Deployment) -> Iterator[Finding]:
    claimed: dict[tuple[str, str, str], str] = {}
    for stack in deployment.stacks:
        for output, name in exports(stack):
            claim = (stack.scenario.account, stack.scenario.region, name)
            if claim in claimed:
                message = f"{output} exports {name!r}, as {claimed[claim]} does"
                yield stack.finding(at(output), message, "give each export a name of its own")
            claimed.setdefault(claim, output)
            if not any(part in name for part in own_parts(stack)):
                message = f"{output} exports {name!r}, and so would a second stack in {stack.scenario.region}"
                yield stack.finding(at(output), message, "put AWS::StackName into the name")
        yield from imports(stack, deployment.other(stack))


def imports(stack: Stack, other: Stack) -> Iterator[Finding]:
    own, theirs = {name for _, name in exports(stack)}, {name for _, name in exports(other)}
    for path, text in texts_of(stack):
        for name in IMPORT.findall(text) if "Fn::ImportValue" in text else ():
            if name in own:
                message = f"{path[1]} imports {name!r}, which its own stack exports"
                yield stack.finding(path, message, "refer to the resource")
            elif name in theirs:
                message = f"{path[1]} imports {name!r}, which is an export in {other.scenario.region}"
                yield stack.finding(path, message, "put the name together, or take it as a parameter")


def exports(stack: Stack) -> list[tuple[str, str]]:
    outputs = stack.value.get("Outputs", {}).items()
    return [(output, str(value["Export"]["Name"])) for output, value in outputs if "Export" in value]


def own_parts(stack: Stack) -> list[str]:
    """Return what tells a stack from others: its name, and the parameters that each has to be given."""
    parameters = stack.evaluator.scope.parameters
    needed = [
        str(parameters[name])
        for name, declaration in declarations(stack.template).items()
        if declaration.default is None
    ]
    return [stack.scenario.stack, *(value for value in needed if value)]


def at(output: str) -> Path:
    return ("Outputs", output, "Export", "Name")
