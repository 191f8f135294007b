"""No security group is open to the world, but for the ports of a public load balancer.

An ingress rule from 0.0.0.0/0 or ::/0 lets every host of the internet try. Rules of their own are read like those
that stand in their group. What is meant for everyone stands behind a load balancer: its group may let the world in on
the ports that it listens on, and on 80 and 443. The same holds for a group that nothing in the stack uses, of which
others decide what they put behind it.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
pack: security
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Path, Stack, as_list, properties_path, resources_by_name
from stackproof.topology.security_groups import GROUP
from stackproof.topology.texts import texts

INGRESS = "AWS::EC2::SecurityGroupIngress"
APPLIES_TO = (GROUP, INGRESS)
BALANCERS = ("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer")
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
BESIDE = (GROUP, INGRESS, "AWS::EC2::SecurityGroupEgress")
WEB = frozenset((80, 443))


class Entry(NamedTuple):
    """An ingress rule: the group that has it, the rule, and where it stands."""

    group: str | None
    rule: Mapping[str, Any]
    path: Path


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for entry in entries(stack):
            for key in ("CidrIp", "CidrIpv6"):
                if str(entry.rule.get(key, "")).endswith("/0") and not is_meant(stack, entry):
                    where = (*entry.path, key) if len(entry.path) == len(properties_path("")) else entry.path
                    message = f"{entry.path[1]} lets in the whole world, {entry.rule[key]}{ports_of(entry.rule)}"
                    yield stack.finding(where, message, "name the range or the group that may connect")


def ports_of(rule: Mapping[str, Any]) -> str:
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if first is None or str(rule.get("IpProtocol")) == "-1":
        return ", on every port"
    return f", on port {first}" if str(first) == str(last) else f", on ports {first} to {last}"


def entries(stack: Stack) -> Iterator[Entry]:
    groups = resources_by_name(stack, GROUP)
    for logical, properties in stack.of_type(GROUP):
        for index, rule in enumerate(as_list(properties.get("SecurityGroupIngress", []))):
            if isinstance(rule, dict):
                yield Entry(logical, rule, properties_path(logical, "SecurityGroupIngress", index))
    for logical, properties in stack.of_type(INGRESS):
        yield Entry(groups.get(str(properties.get("GroupId"))), properties, properties_path(logical))


def is_meant(stack: Stack, entry: Entry) -> bool:
    """Tell whether everyone is meant to connect: to ports of a public load balancer, or of what others put there."""
    first, last = str(entry.rule.get("FromPort", "")), str(entry.rule.get("ToPort", ""))
    if str(entry.rule.get("IpProtocol")) == "-1" or not first.isdigit() or not last.isdigit():
        return False
    wanted = range(int(first), int(last) + 1)
    if entry.group is None:
        return all(port in WEB for port in wanted)
    users = [logical for logical, resource in stack.resources.items() if uses(stack, resource, entry.group)]
    if any(stack.resources[user]["Type"] not in BALANCERS for user in users):
        return False
    public = [user for user in users if is_public(stack.resources[user].get("Properties", {}))]
    if users and not public:
        return False
    return all(port in WEB or port in listened(stack, public) for port in wanted)


def uses(stack: Stack, resource: Mapping[str, Any], group: str) -> bool:
    """Tell whether a resource has a security group; another group's rules name it without having it."""
    if resource["Type"] in BESIDE:
        return False
    groups = resources_by_name(stack, GROUP)
    found = texts(resource.get("Properties", {}))
    return any(groups.get(text) == group for path, text in found if "SecurityGroup" in "".join(map(str, path)))


def is_public(properties: Mapping[str, Any]) -> bool:
    return str(properties.get("Scheme", "internet-facing")) == "internet-facing"


def listened(stack: Stack, balancers: list[str]) -> set[int]:
    """Return the ports on which load balancers listen."""
    names = resources_by_name(stack, *BALANCERS)
    of_listeners = [
        listener.get("Port")
        for _, listener in stack.of_type(LISTENER)
        if names.get(str(listener.get("LoadBalancerArn"))) in balancers
    ]
    for balancer in balancers:
        for listener in as_list(stack.resources[balancer].get("Properties", {}).get("Listeners", [])):
            of_listeners.append(listener.get("LoadBalancerPort"))
    return {int(port) for port in map(str, of_listeners) if port.isdigit()}
