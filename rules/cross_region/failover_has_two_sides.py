"""A record of both sides fails over: from a primary in the source, with a health check, to a secondary.

Route 53 answers with the secondary record once the primary's health check fails. Two primaries are refused, one alone
has nothing to fail over to, without a health check the primary is taken for healthy for ever, and two that answer alike
tell nobody.
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Stack

APPLIES_TO = ("AWS::Route53::RecordSet",)
OTHERS = ("CidrRoutingConfig", "GeoLocation", "GeoProximityLocation", "MultiValueAnswer", "Region", "Weight")
"""The properties of the other routing policies, by which records may share a name."""


class Record(NamedTuple):
    """A record with a failover policy."""

    stack: Stack
    logical: str
    properties: Mapping[str, Any]

    @property
    def side(self) -> str:
        return str(self.properties.get("Failover", "no Failover"))


def check(deployment: Deployment) -> Iterator[Finding]:
    records: dict[tuple[str, ...], list[Record]] = {}
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Route53::RecordSet"):
            zone = properties.get("HostedZoneId", properties.get("HostedZoneName"))
            name = str(properties.get("Name")).rstrip(".").lower()
            key = (str(zone), name, str(properties.get("Type")))
            records.setdefault(key, []).append(Record(stack, logical, properties))
    for (_, name, kind), found in records.items():
        if any("Failover" in record.properties for record in found) or (len(found) > 1 and not routed(found)):
            yield from wrong(deployment, f"{kind} {name}", found)


def routed(found: list[Record]) -> bool:
    """Tell whether every record of a name has a routing policy other than failover."""
    return all(any(key in record.properties for key in OTHERS) for record in found)


def wrong(deployment: Deployment, name: str, found: list[Record]) -> Iterator[Finding]:
    """Find what is wrong with the records of one name."""
    last = found[-1]
    path = ("Resources", last.logical, "Properties")
    sides = [record.side for record in found]
    if sorted(sides) != ["PRIMARY", "SECONDARY"]:
        message = f"{name} has {', '.join(sides)}, and needs one PRIMARY and one SECONDARY"
        yield deployment.finding(last.stack, (*path, "Failover"), message, "make one side the other's secondary")
    identifiers = [str(record.properties.get("SetIdentifier")) for record in found]
    if len(set(identifiers)) < len(identifiers) or "None" in identifiers:
        message = f"{name} has records with one SetIdentifier: {', '.join(identifiers)}"
        yield deployment.finding(last.stack, (*path, "SetIdentifier"), message, "give each record one of its own")
    if len({str(record.properties.get("TTL")) for record in found}) > 1:
        message = f"{name} is kept for a different TTL by each side"
        yield deployment.finding(last.stack, (*path, "TTL"), message, "give both one TTL")
    values = [record.properties.get("ResourceRecords", record.properties.get("AliasTarget")) for record in found]
    if len(values) > 1 and values[0] == values[-1]:
        message = f"{name} answers {values[0]} on both sides: who asks does not notice that it fails over"
        yield deployment.finding(last.stack, path, message, "answer by what each side is")
    for record in found:
        if record.side == "PRIMARY" and record.stack is deployment.target and "SECONDARY" in sides:
            message = f"{name} has its primary in the target: callers go where data arrives last"
            yield record.stack.finding((*path, "Failover"), message, "make the source's record the primary")
        if record.side == "PRIMARY" and "HealthCheckId" not in record.properties:
            message = f"{name} has a primary without a health check: it never fails over"
            where = ("Resources", record.logical, "Properties")
            yield record.stack.finding(where, message, "give it HealthCheckId")
