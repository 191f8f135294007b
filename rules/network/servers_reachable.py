"""What takes connections in a VPC is let to: a security group of it opens the port that it listens on.

A database, cache, file system, load balancer or endpoint whose groups open another port, or none, is created without a
word; whoever connects waits until it times out. Rules count that are resources of their own, whoever they let in;
groups that the stack does not create are left to those who do, and
empty ones that it hands on to those whom it tells of them.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
pack: core
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import (
    Deployment,
    Finding,
    Path,
    Stack,
    as_list,
    as_mapping,
    holds_unknown,
    properties_path,
    resource_of,
    resources_by_name,
)
from stackproof.aws.data import facts
from stackproof.topology.handed_on import handed_on
from stackproof.topology.network import functions_in_vpc
from stackproof.topology.security_groups import GROUP, group_rules, lets

LISTENS: Mapping[str, Mapping[str, Any]] = facts("resource_types", "listens")
BALANCER, LISTENER, SERVICE = (
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ECS::Service",
)
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
APPLIES_TO = (*LISTENS, BALANCER, SERVICE)
ENGINES = {"mariadb": 3306, "mysql": 3306, "oracle": 1521, "postgres": 5432, "sqlserver": 1433}
"""The ports of database engines. Source: Amazon RDS API Reference, CreateDBInstance and CreateDBCluster, "Port"."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        yield from of_clients(stack)
        yield from of_containers(stack)
        yield from of_targets(stack)
        for logical, path, groups, ports in (*stores(stack), *balancers(stack), *services(stack)):
            known = resources_by_name(stack, GROUP)
            if groups and all(group in known for group in groups):
                own = [known[group] for group in groups]
                if any(group in handed_on(stack) and not group_rules(stack, group, "Ingress") for group in own):
                    continue  # whoever is told of an empty group adds the rules
                for port in ports:
                    if not lets(stack, own, "Ingress", port):
                        message = f"{logical} listens on port {port}, and {', '.join(own)} lets nobody in there"
                        yield stack.finding(path, message, f"add a rule for port {port} that lets its users in")


def of_clients(stack: Stack) -> Iterator[Finding]:
    """Find functions that are told of a store in the VPC and that its security groups, or their own, keep from it."""
    known = resources_by_name(stack, GROUP)
    servers = {logical: (groups, ports) for logical, _, groups, ports in stores(stack)}
    for function, subnets, own in functions_in_vpc(stack):
        properties = stack.resources[function].get("Properties", {})
        environment = json.dumps(as_mapping(properties.get("Environment")))
        blocks = [str(stack.resources[subnet].get("Properties", {}).get("CidrBlock", "")) for subnet in subnets]
        users = [text for text, group in known.items() if group in own]
        for server in dict.fromkeys(re.findall(r"\{\{(\w+)\.\w*(?:End[Pp]oint|Address)[\w.]*@", environment)):
            groups, ports = servers.get(server, ([], []))
            if not groups or not own or not all(group in known for group in groups):
                continue
            inner = [known[group] for group in groups]
            inside = [rule for group in inner for rule in group_rules(stack, group, "Ingress") or ()]
            for port in ports:
                opening = [rule for rule in inside if rule.opens(port)]
                if opening and not any(rule.meets(users, blocks) for rule in opening):
                    message = f"{', '.join(inner)} of {server} lets in others than {function}, which is told of it"
                    yield stack.finding(properties_path(inner[0]), message, f"let {', '.join(own)} in on port {port}")
                outside = [group_rules(stack, group, "Egress") for group in own]
                to = [text for text, group in known.items() if group in inner]
                if not any(
                    rules is None or any(rule.opens(port) and rule.meets(to, ()) for rule in rules) for rules in outside
                ):
                    message = f"{', '.join(own)} of {function} does not let it out to {server} on port {port}"
                    yield stack.finding(properties_path(own[0]), message, f"let it out to {', '.join(inner)}")


def of_containers(stack: Stack) -> Iterator[Finding]:
    """Find balancers of services that lead to no container of theirs.

    Source: Amazon ECS API Reference, LoadBalancer; AWS::ElasticLoadBalancingV2::TargetGroup, "TargetType".
    """
    for logical, properties in stack.of_type(SERVICE):
        task = resource_of(stack, properties.get("TaskDefinition"), "AWS::ECS::TaskDefinition")
        defined = stack.resources[task].get("Properties", {}) if task else {}
        containers = {str(as_mapping(each).get("Name")) for each in as_list(defined.get("ContainerDefinitions", []))}
        for index, balancer in enumerate(as_list(properties.get("LoadBalancers", []))):
            path = properties_path(logical, "LoadBalancers", index)
            name = balancer.get("ContainerName")
            if task and name and not holds_unknown(str(name)) and str(name) not in containers:
                message = f"{logical} balances to the container {name}, which {task} does not have"
                yield stack.finding((*path, "ContainerName"), message, f"name one of {', '.join(sorted(containers))}")
            group = resource_of(stack, balancer.get("TargetGroupArn"), "AWS::ElasticLoadBalancingV2::TargetGroup")
            kind = stack.resources[group].get("Properties", {}).get("TargetType", "instance") if group else "ip"
            if kind != "ip" and defined.get("NetworkMode") == "awsvpc":
                message = f"{logical} runs tasks with addresses of their own, and {group} takes targets of type {kind}"
                yield stack.finding((*path, "TargetGroupArn"), message, f"set TargetType of {group} to ip")


def of_targets(stack: Stack) -> Iterator[Finding]:
    """Find balancers whose security groups do not let them out to the ports of the targets that they forward to."""
    known, targets = resources_by_name(stack, GROUP), target_ports(stack)
    for _, listener in stack.of_type(LISTENER):
        balancer = resource_of(stack, listener.get("LoadBalancerArn"), BALANCER)
        groups = stack.resources[balancer].get("Properties", {}).get("SecurityGroups", []) if balancer else []
        if not balancer or not groups or not isinstance(groups, list) or not all(str(name) in known for name in groups):
            continue
        own = [known[str(name)] for name in groups]
        for action in as_list(listener.get("DefaultActions", [])):
            target = resource_of(stack, as_mapping(action).get("TargetGroupArn"), TARGETS)
            for port in targets.get(target or "", ()):
                if not lets(stack, own, "Egress", port):
                    message = (
                        f"{balancer} sends to port {port} of {target}, and {', '.join(own)} lets nothing out there"
                    )
                    path = properties_path(balancer, "SecurityGroups")
                    yield stack.finding(
                        path, message, f"let port {port} out to the targets, for requests and health checks"
                    )


def target_ports(stack: Stack) -> Mapping[str, list[int]]:
    """Return the ports of the targets of each target group, as far as the stack registers them."""
    found: dict[str, list[int]] = {}
    for logical, properties in stack.of_type(TARGETS):
        listed = [as_mapping(target) for target in as_list(properties.get("Targets", []))]
        ports = [target.get("Port", properties.get("Port")) for target in listed]
        found[logical] = [int(port) for port in ports if str(port).isdigit()] if is_at_address(properties) else []
    for _, service in stack.of_type(SERVICE):
        for balanced in as_list(service.get("LoadBalancers", [])):
            target = resource_of(stack, balanced.get("TargetGroupArn"), TARGETS)
            port = str(balanced.get("ContainerPort", ""))
            if target and port.isdigit() and stack.resources[target].get("Properties", {}).get("TargetType") == "ip":
                found[target].append(int(port))
    return {logical: sorted(set(ports)) for logical, ports in found.items()}


def is_at_address(properties: Mapping[str, Any]) -> bool:
    return properties.get("TargetType", "instance") in ("instance", "ip")


Server = tuple[str, Path, list[str], list[int]]
"""What takes connections: its logical id, the path of its security groups, these, and its ports."""


def stores(stack: Stack) -> Iterator[Server]:
    for logical, properties in stack.of_type(*LISTENS):
        row = LISTENS[stack.resources[logical]["Type"]]
        groups = properties.get(row["groups"], [])
        if isinstance(groups, list):
            port = port_of(properties, row)
            path = properties_path(logical, row["groups"])
            yield logical, path, [str(group) for group in groups], [port] if port else []


def port_of(properties: Mapping[str, Any], row: Mapping[str, Any]) -> int | None:
    """Return the port of a server; None where it is not known."""
    stated = properties.get("Port", properties.get("DbPort"))
    if stated is not None:
        return int(stated) if str(stated).isdigit() else None
    if "port" in row:
        return int(row["port"])
    engine = str(properties.get(row["engines"], ""))
    if engine == "aurora-postgresql":
        return 5432 if "EngineMode" not in properties else None
    return next((port for name, port in ENGINES.items() if name in engine), None)


def balancers(stack: Stack) -> Iterator[Server]:
    ports: dict[str, list[int]] = {}
    for _, properties in stack.of_type(LISTENER):
        balancer = resource_of(stack, properties.get("LoadBalancerArn"), BALANCER)
        if balancer and str(properties.get("Port", "")).isdigit():
            ports.setdefault(balancer, []).append(int(properties["Port"]))
    for balancer, listened in ports.items():
        groups = stack.resources[balancer].get("Properties", {}).get("SecurityGroups", [])
        if isinstance(groups, list):
            path = properties_path(balancer, "SecurityGroups")
            yield balancer, path, [str(group) for group in groups], sorted(set(listened))


def services(stack: Stack) -> Iterator[Server]:
    for logical, properties in stack.of_type(SERVICE):
        network = (properties.get("NetworkConfiguration") or {}).get("AwsvpcConfiguration") or {}
        balanced = [balancer.get("ContainerPort") for balancer in as_list(properties.get("LoadBalancers", []))]
        ports = sorted({int(port) for port in balanced if str(port).isdigit()})
        groups = network.get("SecurityGroups", [])
        if isinstance(groups, list):
            path = properties_path(logical, "NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups")
            yield logical, path, [str(group) for group in groups], ports
