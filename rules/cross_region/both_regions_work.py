"""What both regions have works in both: no consumer, schedule, rule or alarm is off, or left out, in one of them.

A stream that nobody reads, a queue that fills, a job that never runs are not noticed until that region is the one that
counts. What a parameter other than a region switches is the choice of whoever deploys, and stays theirs. A global
table has every change in the streams of all regions, of which one is read; and what happens in IAM, CloudFront, Route
53 and other global services is told in us-east-1 alone.
Source: CloudFormation Template Reference, of each type the property that switches it
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Stack, as_list, as_mapping, properties_path, resource_of
from stackproof.topology.event_sources import function_of
from stackproof.topology.regional import values_of
from stackproof.topology.resource_index import GLOBAL_TABLE
from stackproof.topology.texts import texts

SWITCHES: Mapping[str, tuple[str, str]] = {
    "AWS::CloudTrail::Trail": ("IsLogging", "false"),
    "AWS::CloudWatch::Alarm": ("ActionsEnabled", "false"),
    "AWS::CloudWatch::CompositeAlarm": ("ActionsEnabled", "false"),
    "AWS::Events::Rule": ("State", "disabled"),
    "AWS::Lambda::EventSourceMapping": ("Enabled", "false"),
    "AWS::Lambda::Function": ("ReservedConcurrentExecutions", "0"),
    "AWS::Pipes::Pipe": ("DesiredState", "stopped"),
    "AWS::Scheduler::Schedule": ("State", "disabled"),
    "AWS::SSM::MaintenanceWindow": ("Enabled", "false"),
}
"""The property that switches a type off, and the value, in small letters, with which it does."""
BETWEEN: Mapping[str, tuple[str, ...]] = {
    "AWS::Events::Rule": ("Targets.*.Arn",),
    "AWS::Lambda::EventSourceMapping": ("EventSourceArn", "FunctionName"),
    "AWS::Logs::SubscriptionFilter": ("LogGroupName", "DestinationArn"),
    "AWS::Pipes::Pipe": ("Source", "Target"),
    "AWS::SNS::Subscription": ("TopicArn", "Endpoint"),
    "AWS::Scheduler::Schedule": ("Target.Arn",),
}
"""What a type stands between: the properties that name what it reads and what it gives that to."""
GLOBAL = (
    "aws.billing", "aws.budgets", "aws.ce", "aws.cloudfront", "aws.globalaccelerator", "aws.health", "aws.iam",
    "aws.organizations", "aws.route53", "aws.shield", "aws.signin", "aws.sts", "aws.support", "aws.trustedadvisor",
)  # fmt: skip
"""Sources of events that come in one region, wherever things are."""
APPLIES_TO = tuple(dict.fromkeys((*SWITCHES, *BETWEEN)))


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        other = deployment.other(stack)
        for logical, resource in stack.resources.items():
            if logical in other.resources:
                yield from switched_off(deployment, stack, logical)
            elif resource["Type"] in BETWEEN and not is_chosen(deployment, stack, logical, "Condition"):
                ends = list(between(stack, logical))
                if ends and all(end in other.resources for end in ends) and not is_of_one(stack, other, logical):
                    where = f"{stack.scenario.region} alone"
                    message = f"{logical} is in {where}, and {', '.join(ends)} in {other.scenario.region} as well"
                    yield stack.finding(("Resources", logical), message, "remove its Condition: both regions need it")


def switched_off(deployment: Deployment, stack: Stack, logical: str) -> Iterator[Finding]:
    kind = stack.resources[logical]["Type"]
    key, off = SWITCHES.get(kind, ("", ""))
    other = deployment.other(stack)
    mine, its = (str(side.resources[logical].get("Properties", {}).get(key)).lower() for side in (stack, other))
    if key and mine == off != its and not is_chosen(deployment, stack, logical, "Properties", key):
        if kind == "AWS::Lambda::EventSourceMapping" and not [*between(stack, logical)]:
            return
        message = f"{logical} is switched off in {stack.scenario.region}, and on in {other.scenario.region}"
        yield stack.finding(properties_path(logical, key), message, f"give {key} the same value in both regions")


def between(stack: Stack, logical: str) -> Iterator[str]:
    """Give the resources of its own stack that a resource stands between; nothing if one end is not known or global."""
    found = []
    for dotted in BETWEEN.get(stack.resources[logical]["Type"], ()):
        for value in values_of(stack.resources[logical].get("Properties", {}), dotted):
            end = resource_of(stack, value) or function_of(stack, value)
            if end is None or stack.resources[end]["Type"] == GLOBAL_TABLE:
                return
            found.append(end)
    yield from dict.fromkeys(found)


def is_of_one(stack: Stack, other: Stack, logical: str) -> bool:
    """Tell whether a rule takes the events of a global service, or of what its own region alone has."""
    pattern = as_mapping(stack.resources[logical].get("Properties", {}).get("EventPattern"))
    sources = [str(source) for source in as_list(pattern.get("source", []))]
    calls = pattern.get("detail", {}).get("eventSource", []) if isinstance(pattern.get("detail"), Mapping) else []
    sources += [f"aws.{str(call).partition('.')[0]}" for call in as_list(calls)]
    named = (resource_of(stack, text) for _, text in texts(pattern))
    return any(source in GLOBAL for source in sources) or any(name and name not in other.resources for name in named)


def is_chosen(deployment: Deployment, stack: Stack, logical: str, *path: str) -> bool:
    """Tell whether what stands at a path of a resource depends on a parameter that is no region of the two."""
    node: Any = stack.template.value["Resources"][logical]
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    regions = [side.scenario.region for side in deployment.stacks]
    parameters = stack.evaluator.scope.parameters
    return any(parameters[name] not in regions for name in referred(stack, node) if name in parameters)


def referred(stack: Stack, node: Any) -> set[str]:
    """Return the names that a value refers to, and those that its conditions do."""
    conditions, found, met = stack.template.value.get("Conditions", {}), set(), set()
    waiting = [conditions.get(node) if isinstance(node, str) and node in conditions else node]
    while waiting:
        state = waiting.pop()
        if isinstance(state, Mapping):
            found |= {str(state["Ref"])} if "Ref" in state else set()
            names = [state.get("Condition"), *as_list(state.get("Fn::If", []))[:1]]
            for name in names:
                if isinstance(name, str) and name in conditions and name not in met:
                    met.add(name)
                    waiting.append(conditions[name])
            waiting += state.values()
        elif isinstance(state, list):
            waiting += state
    return found
