"""Each rule of a security group opens one port, and not a range of them.

A range is a guess: what is beside the port that is needed is open as well, outwards to whoever has got in. Rules for
ICMP hold a type and a code in place of ports.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ec2-securitygroup-egress.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, properties_path

APPLIES_TO = ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for path, rule in rules(stack):
            first, last = (str(rule.get(name, "")) for name in ("FromPort", "ToPort"))
            if str(rule.get("IpProtocol")) in ("tcp", "udp", "6", "17") and first != last:
                message = f"{path[1]} opens the ports {first or 'from the first'} to {last or 'the last'}"
                yield stack.finding(path, message, "give FromPort and ToPort one port")


def rules(stack: Stack) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for logical, properties in stack.of_type("AWS::EC2::SecurityGroup"):
        for name in ("SecurityGroupEgress", "SecurityGroupIngress"):
            for index, rule in enumerate(properties.get(name, [])):
                yield properties_path(logical, name, index), rule
    for logical, properties in stack.of_type(*APPLIES_TO[1:]):
        yield properties_path(logical), properties
