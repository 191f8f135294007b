"""Something writes to every log group of a stack.

A log group of which nothing of the stack knows stays empty, and what was to be found there is elsewhere or nowhere: its
writer logs to another group, or is a resource of the other side alone. Groups that services find by their names are
left out, where the stack of neither side has a writer.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, memoised
from stackproof.topology.texts import texts_of

GROUP, FUNCTION = "AWS::Logs::LogGroup", "AWS::Lambda::Function"
APPLIES_TO = (GROUP,)
VENDED = "/aws/vendedlogs/"
"""Groups to which a service writes only if it is told to."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        own, beside = written(stack), written(deployment.other(stack))
        for logical, name in groups(stack):
            if logical not in own and (logical in beside or name.startswith(VENDED)):
                message = f"nothing in {stack.scenario.region} writes to {logical}, {name}"
                fix = "let its writer name it, or give it the writer's Condition"
                yield stack.finding(("Resources", logical), message, fix)


def groups(stack: Stack) -> Iterator[tuple[str, str]]:
    for logical, _ in stack.of_type(GROUP):
        yield logical, str(stack.evaluator.references.ref(logical))


@memoised
def written(stack: Stack) -> frozenset[str]:
    """Return the log groups that something but a policy names, and those of functions by their names."""
    kinds = {logical: str(resource.get("Type")) for logical, resource in stack.resources.items()}
    named = {
        text.removesuffix(":*")
        for path, text in texts_of(stack)
        if path[0] == "Resources" and kinds[str(path[1])] != GROUP and not kinds[str(path[1])].startswith("AWS::IAM::")
    }
    ref, attribute = stack.evaluator.references.ref, stack.evaluator.references.attribute
    named |= {f"/aws/lambda/{ref(logical)}" for logical, _ in stack.of_type(FUNCTION)}
    return frozenset(
        logical
        for logical, name in groups(stack)
        if name in named or str(attribute(logical, "Arn")).removesuffix(":*") in named
    )
