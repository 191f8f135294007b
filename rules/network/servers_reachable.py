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

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, properties_path, resource_of, resources_by_name
from stackproof.aws.data import facts
from stackproof.topology.handed_on import handed_on
from stackproof.topology.security_groups import GROUP, group_rules, lets

LISTENS: Mapping[str, Mapping[str, Any]] = facts("resource_types", "listens")
BALANCER, LISTENER, SERVICE = (
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ECS::Service",
)
APPLIES_TO = (*LISTENS, BALANCER, SERVICE)
ENGINES = {"mariadb": 3306, "mysql": 3306, "oracle": 1521, "postgres": 5432, "sqlserver": 1433}
"""The ports of database engines. Source: Amazon RDS API Reference, CreateDBInstance and CreateDBCluster, "Port"."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
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
