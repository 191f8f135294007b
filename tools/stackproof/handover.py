"""What one stack needs of the other: names that must be there when it is created, ids that it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from stackproof.acceptance import accepts, with_parameters
from stackproof.declarations import SHAPES, Declaration, declarations
from stackproof.deployment import Deployment, resolved
from stackproof.document import Document
from stackproof.finding import CannotTell, Path, Side
from stackproof.identity import texts_of
from stackproof.referents import created, named
from stackproof.scenario import Pair, Scenario
from stackproof.stack import Stack

POLICY = "PolicyDocument"
LATER: Mapping[str, tuple[str, ...]] = {
    "AWS::Backup::BackupSelection": ("BackupSelection",),
    "AWS::Backup::RestoreTestingSelection": ("ProtectedResourceArns",),
    "AWS::CloudWatch::Alarm": ("AlarmDescription", "Dimensions", "Metrics"),
    "AWS::CloudWatch::Dashboard": ("DashboardBody",),
    "AWS::Events::Rule": ("Description", "EventPattern"),
    "AWS::IAM::ManagedPolicy": (POLICY,),
    "AWS::IAM::Policy": (POLICY,),
    "AWS::IAM::Role": ("Description", "Policies"),
    "AWS::IAM::RolePolicy": (POLICY,),
    "AWS::KMS::Key": ("Description", "KeyPolicy"),
    "AWS::Lambda::Function": ("Code", "Description", "Environment"),
    "AWS::Route53::RecordSet": ("ResourceRecords",),
    "AWS::S3::BucketPolicy": (POLICY,),
    "AWS::SNS::TopicPolicy": (POLICY,),
    "AWS::SQS::QueuePolicy": (POLICY,),
    "AWS::SSM::Parameter": ("Description", "Value"),
}
"""The properties that AWS reads only later, by type: what they name need not be there yet."""

KINDS: Mapping[str, str] = {
    "eni": "AWS::EC2::NetworkInterface",
    "nat": "AWS::EC2::NatGateway",
    "pcx": "AWS::EC2::VPCPeeringConnection",
    "rtb": "AWS::EC2::RouteTable",
    "sg": "AWS::EC2::SecurityGroup",
    "subnet": "AWS::EC2::Subnet",
    "tgw": "AWS::EC2::TransitGateway",
    "vpc": "AWS::EC2::VPC",
    "vpce": "AWS::EC2::VPCEndpoint",
}
"""What ids begin with, and what they are of."""

DIGITS = "0a1b2c3d4e5f60718"


class Awaited(NamedTuple):
    """A text of one stack that names what the other creates, and that AWS looks up when it creates the resource."""

    path: Path
    name: str


class Wire(NamedTuple):
    """A parameter that the stack of `side` takes from an output of the other side's stack."""

    side: Side
    parameter: str
    output: str


def awaited(first: Stack, second: Stack) -> Iterator[Awaited]:
    """Give what a resolved stack cannot be created without before the other one is."""
    own = created(first)
    names = dict.fromkeys(text for text in created(second) if text not in own)
    whole = [text for text in names if text.startswith("arn:")]
    services = {":".join(arn.split(":", 5)[:5]) for arn in whole}  # few, so most texts are told by them
    for path, text in texts_of(first):
        if path[0] == "Resources" and not is_later(first, path):
            name: str | None = text
            if text not in names:
                near = "arn:" in text and any(service in text for service in services)
                name = next((arn for arn in whole if arn in text), None) if near else None
            if name:
                yield Awaited(path, name)


def is_later(stack: Stack, path: Path) -> bool:
    """Tell whether AWS reads a property only when what it names is used."""
    kind = stack.resources[str(path[1])]["Type"]
    if len(path) < 4 or path[2] != "Properties":
        return True
    return "Principal" not in path and (path[3] in LATER.get(kind, ()) or "Tags" in str(path[3]))


def ids_taken(template: Document) -> Mapping[str, str]:
    """Return the parameters that take the id of one kind of resource and nothing else, with such an id.

    Only those count that may be left empty: an id is not known before the other stack is there.
    """
    found = {}
    for name, one in declarations(template).items():
        samples = [f"{prefix}-{DIGITS}" for prefix in KINDS if takes(one, f"{prefix}-{DIGITS}")]
        if one.default == "" and len(samples) == 1:
            found[name] = samples[0]
    return found


def takes(one: Declaration, text: str) -> bool:
    shape = SHAPES[one.kind]
    return accepts(one, text) and (shape is None or re.fullmatch(shape, text) is not None)


def wires(template: Document, pair: Pair) -> tuple[Wire, ...]:
    """Return which parameters of each side are told by which output of the other side."""
    samples = ids_taken(template)
    both = with_ids(template, pair)
    found = []
    for stack in both.stacks:
        stated = {text for path, text in texts_of(stack) if path[0] == "Resources"}
        for parameter, sample in samples.items():
            if any(sample in text for text in stated):
                output = giver(both.other(stack), KINDS[sample.split("-")[0]], parameter)
                found.append(Wire(stack.scenario.side, parameter, output))
    return tuple(found)


def with_ids(template: Document, pair: Pair) -> Deployment:
    """Resolve both stacks as they are when every id is known: with ids made up."""
    samples = ids_taken(template)
    return resolved(
        template,
        replace(pair, source=with_parameters(pair.source, samples), target=with_parameters(pair.target, samples)),
    )


def giver(stack: Stack, kind: str, parameter: str) -> str:
    """Return the output of a stack that tells the id of its one resource of a type."""
    ids = named(stack, kind)
    outputs: list[str] = [name for name, one in stack.value.get("Outputs", {}).items() if one.get("Value") in ids]
    if len(outputs) != 1:
        where = stack.scenario.region
        said = f"{len(outputs)} outputs of {where} tell the {kind} that the parameter {parameter} takes"
        raise CannotTell(said, fix="have one output with its Ref")
    return outputs[0]


def emptied(scenario: Scenario, parameters: frozenset[str]) -> Scenario:
    """Return a scenario without some of its parameters, so that they have their defaults."""
    left = {name: value for name, value in scenario.parameters.items() if name not in parameters}
    return replace(scenario, parameters=left)
