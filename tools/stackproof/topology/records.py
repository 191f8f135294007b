"""Records of DNS: each with its zone, name and type, whether it stands alone or in a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.values import as_list, is_true, properties_path

POLICIES: Mapping[str, str] = {
    "Failover": "failover",
    "Weight": "weighted",
    "Region": "latency",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "CidrRoutingConfig": "IP-based",
    "MultiValueAnswer": "multivalue",
}
"""The property of each routing policy, and what Route 53 calls it. Source: Amazon Route 53 Developer Guide, "Choosing a
routing policy"."""


class Record(NamedTuple):
    """A record: where it stands, its properties, and the zone, name and type that it answers for."""

    stack: Stack
    logical: str
    path: Path
    properties: Mapping[str, Any]
    zone: str

    @property
    def name(self) -> str:
        return str(self.properties.get("Name")).rstrip(".").lower()

    @property
    def type(self) -> str:
        return str(self.properties.get("Type"))

    @property
    def policies(self) -> tuple[str, ...]:
        """The names of its routing policies: none of a plain record, and more than one is refused."""
        found = ((policy, str(self.properties.get(key, "false"))) for key, policy in POLICIES.items())
        return tuple(policy for policy, value in found if value.lower() != "false")

    @property
    def watched(self) -> bool:
        """Whether Route 53 leaves it out while what it leads to is ill.

        Source: Amazon Route 53 Developer Guide, "How Route 53 chooses records when health checking is configured".
        """
        alias = self.properties.get("AliasTarget")
        evaluated = isinstance(alias, Mapping) and is_true(alias.get("EvaluateTargetHealth"))
        return "HealthCheckId" in self.properties or evaluated

    @property
    def answer(self) -> Any:
        return self.properties.get("ResourceRecords", self.properties.get("AliasTarget"))


def records(stack: Stack) -> Iterator[Record]:
    """Give the records of a stack, those of groups among them."""
    for logical, properties in stack.of_type("AWS::Route53::RecordSet"):
        yield Record(stack, logical, properties_path(logical), properties, zone_of(stack, properties))
    for logical, properties in stack.of_type("AWS::Route53::RecordSetGroup"):
        for index, member in enumerate(as_list(properties.get("RecordSets", []))):
            if isinstance(member, Mapping):
                path = properties_path(logical, "RecordSets", index)
                zone = zone_of(stack, {**properties, **member})
                yield Record(stack, logical, path, member, zone)


def zone_of(stack: Stack, properties: Mapping[str, Any]) -> str:
    """Return what tells the zone of a record from others: its id, or its name where nothing else is known.

    A zone that the stack creates is its own, though the other one creates a zone of that name: a private one.
    """
    if "HostedZoneId" in properties:
        return str(properties["HostedZoneId"])
    name = str(properties.get("HostedZoneName")).rstrip(".").lower()
    for logical, zone in stack.of_type("AWS::Route53::HostedZone"):
        if str(zone.get("Name")).rstrip(".").lower() == name:
            return str(stack.evaluator.references.ref(logical))
    return name


def by_name(stacks: Iterable[Stack]) -> Mapping[tuple[str, str, str], tuple[Record, ...]]:
    """Return the records of some stacks by zone, name and type."""
    found: dict[tuple[str, str, str], list[Record]] = {}
    for stack in stacks:
        for record in records(stack):
            found.setdefault((record.zone, record.name, record.type), []).append(record)
    return {key: tuple(members) for key, members in found.items()}
