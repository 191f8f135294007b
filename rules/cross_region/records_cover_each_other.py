"""The records of both regions under one name cover each other: one answers, and the other does where that is unhealthy.

formerly: failover_has_two_sides

Of weighted records exactly one side's has a weight above 0: Route 53 answers with a record of weight 0 only while every
other one is unhealthy, and where all are 0 it answers with all alike. While a cutover is under way both may be above 0,
but stacks that are told the same must not be. Of failover records the source's is the primary. Without a health check a
record is taken for healthy for ever; two that answer alike, or that are kept for different times, tell nobody.
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import CannotTell, Deployment, Finding, Stack, acceptance, number, properties_path, resolve

APPLIES_TO = ("AWS::Route53::RecordSet",)
OTHERS = ("CidrRoutingConfig", "GeoLocation", "GeoProximityLocation", "MultiValueAnswer", "Region")
"""The properties of the routing policies, beside failover and weights, by which records may share a name."""


class Record(NamedTuple):
    """A record, and the stack that has it."""

    stack: Stack
    logical: str
    properties: Mapping[str, Any]

    @property
    def role(self) -> str:
        return str(self.properties.get("Failover", "no Failover"))

    @property
    def weight(self) -> float:
        return number(self.properties, "Weight", 0)


def check(deployment: Deployment) -> Iterator[Finding]:
    for (_, name, kind), found in records(deployment.stacks).items():
        if any("Weight" in record.properties for record in found):
            yield from of_weights(deployment, f"{kind} {name}", found)
        elif any("Failover" in record.properties for record in found) or (len(found) > 1 and not routed(found)):
            yield from of_failover(deployment, f"{kind} {name}", found)


def records(stacks: tuple[Stack, ...]) -> dict[tuple[str, str, str], list[Record]]:
    """Return the records of some stacks by zone, name and type."""
    found: dict[tuple[str, str, str], list[Record]] = {}
    for stack in stacks:
        for logical, properties in stack.of_type("AWS::Route53::RecordSet"):
            zone = properties.get("HostedZoneId", properties.get("HostedZoneName"))
            name = str(properties.get("Name")).rstrip(".").lower()
            key = (str(zone), name, str(properties.get("Type")))
            found.setdefault(key, []).append(Record(stack, logical, properties))
    return found


def routed(found: list[Record]) -> bool:
    """Tell whether every record of a name has a routing policy other than failover."""
    return all(any(key in record.properties for key in OTHERS) for record in found)


def of_weights(deployment: Deployment, name: str, found: list[Record]) -> Iterator[Finding]:
    """Find what is wrong with the weighted records of one name."""
    last = found[-1]
    path = properties_path(last.logical, "Weight")
    plain = [record for record in found if "Weight" not in record.properties]
    active = [record for record in found if record.weight > 0]
    if plain or len(found) < 2:
        message = f"{name} has {len(found) - len(plain)} weighted record, and nothing takes over from it"
        yield deployment.finding(last.stack, path, message, "give each region a record with a Weight")
    elif not active:
        message = f"{name} has no record with a weight above 0: Route 53 answers with all of them alike"
        yield deployment.finding(last.stack, path, message, "give the active region's record a Weight above 0")
    elif len(active) > 1 and (same := told_alike(deployment)):
        message = f"{name} has {len(active)} records with a weight above 0, though both stacks have {same}"
        yield deployment.finding(last.stack, path, message, "give one region's record the Weight 0")
    yield from in_common(deployment, name, found)
    for record in found:
        yield from unwatched(name, record)


def told_alike(deployment: Deployment) -> str:
    """Say whose parameters, given to both stacks, leave more than one weight above 0; "" if nobody's do."""
    for one in deployment.stacks:
        try:
            alike = tuple(
                resolve(stack.template, acceptance.with_parameters(stack.scenario, one.scenario.parameters))
                for stack in deployment.stacks
            )
        except CannotTell:  # what is for one stack may be refused in the other
            continue
        for found in records(alike).values():
            if len([record for record in found if record.weight > 0]) > 1:
                return f"the parameters of {one.scenario.region}"
    return ""


def of_failover(deployment: Deployment, name: str, found: list[Record]) -> Iterator[Finding]:
    """Find what is wrong with the failover records of one name."""
    last = found[-1]
    path = properties_path(last.logical, "Failover")
    roles = [record.role for record in found]
    if sorted(roles) != ["PRIMARY", "SECONDARY"]:
        message = f"{name} has {', '.join(roles)}, and needs one PRIMARY and one SECONDARY"
        yield deployment.finding(last.stack, path, message, "make one region's record the other's SECONDARY")
    yield from in_common(deployment, name, found)
    for record in found:
        if record.role == "PRIMARY" and record.stack is deployment.target and "SECONDARY" in roles:
            message = f"{name} has its primary in the target: callers go where data arrives last"
            at = properties_path(record.logical, "Failover")
            yield record.stack.finding(at, message, "make the source's record the PRIMARY")
        if record.role == "PRIMARY":
            yield from unwatched(name, record)


def in_common(deployment: Deployment, name: str, found: list[Record]) -> Iterator[Finding]:
    """Find what records of one name must not, or must, have in common."""
    last = found[-1]
    identifiers = [str(record.properties.get("SetIdentifier")) for record in found]
    if len(set(identifiers)) < len(identifiers) or "None" in identifiers:
        message = f"{name} has records with one SetIdentifier: {', '.join(identifiers)}"
        at = properties_path(last.logical, "SetIdentifier")
        yield deployment.finding(last.stack, at, message, "give each record a SetIdentifier of its own")
    if len({str(record.properties.get("TTL")) for record in found}) > 1:
        message = f"{name} is kept for a different TTL in each region"
        yield deployment.finding(last.stack, properties_path(last.logical, "TTL"), message, "give both records one TTL")
    values = [record.properties.get("ResourceRecords", record.properties.get("AliasTarget")) for record in found]
    if len(values) > 1 and values[0] == values[-1]:
        message = f"{name} answers {values[0]} in both regions: who asks does not notice which one answers"
        yield deployment.finding(last.stack, properties_path(last.logical), message, "answer with what the region is")


def unwatched(name: str, record: Record) -> Iterator[Finding]:
    if "HealthCheckId" not in record.properties:
        region = record.stack.scenario.region
        message = f"{name} has a record of {region} without a health check: it is taken for healthy for ever"
        yield record.stack.finding(properties_path(record.logical), message, "set HealthCheckId")
