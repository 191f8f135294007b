"""Every record says what it answers: a type, values in the form of the type, and for how long they may be kept.

An alias has neither values nor a time to live, and one of a distribution no health of its target. A text stands in
double quotes. What fails over is kept a minute at the most, or half of the callers still go where nothing answers.
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html
Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html (EvaluateTargetHealth)
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from stackproof.api import Deployment, Finding, Path, as_mapping, is_true, properties_path
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::Route53::RecordSet",)
TYPES = ("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB")
QUOTED = re.compile(r'"[^"]{0,255}"( "[^"]{0,255}")*')
FAILOVER_TTL = 60
DISTRIBUTIONS = ("Z2FDTNDATAQYW2", "Z3RFFRIM2A3IF5")
"""The zones of CloudFront, in the world and in China. Source: Amazon Route 53 API Reference, AliasTarget."""
Fault = tuple[Path, str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Route53::RecordSet"):
            for path, message, fix in faults(properties):
                yield stack.finding(properties_path(logical, *path), f"{logical} {message}", fix)


def faults(record: Mapping[str, Any]) -> Iterator[Fault]:
    kind, values, alias = str(record.get("Type", "")), record.get("ResourceRecords"), "AliasTarget" in record
    if kind not in (*TYPES, "TLSA", "TXT"):
        yield (), f"has the type {kind!r}, which no record has", "name a type that Route 53 knows"
    if ("HostedZoneId" in record) is ("HostedZoneName" in record):
        yield (), "has to name its zone by HostedZoneId or by HostedZoneName", "use one of them"
    zone = str(record.get("HostedZoneId", "Z"))
    if not re.fullmatch(r"Z[0-9A-Z]*|\{\{.*", zone):
        yield ("HostedZoneId",), f"stands in the zone {zone!r}, which is no id of a zone", "give the zone's id"
    target = as_mapping(record.get("AliasTarget"))
    if target.get("HostedZoneId") in DISTRIBUTIONS and is_true(target.get("EvaluateTargetHealth")):
        message = "evaluates the health of a distribution, and CloudFront has none to evaluate"
        yield ("AliasTarget", "EvaluateTargetHealth"), message, "set EvaluateTargetHealth to false"
    if alias and (values is not None or "TTL" in record):
        yield (), "is an alias, and has values or a TTL of its own", "leave out ResourceRecords and TTL"
    if not alias:
        if not values:
            yield (), "has no values to answer with", "give it ResourceRecords"
        yield from of_ttl(record)
        for index, value in enumerate(values or []):
            if not of_functions(str(value)) and not fits(kind, str(value)):
                yield ("ResourceRecords", index), f"answers {value}, which is no {kind}", "write it as its type says"


def of_ttl(record: Mapping[str, Any]) -> Iterator[Fault]:
    ttl = str(record.get("TTL", ""))
    if of_functions(ttl):
        return
    if not ttl.isdigit() or int(ttl) > 2**31 - 1:
        yield (), f"has the TTL {ttl!r}, which is no number of seconds", "set TTL"
    elif ("Failover" in record or "Weight" in record) and int(ttl) > FAILOVER_TTL:
        message = f"fails over, but may be kept for {ttl} s"
        yield ("TTL",), message, f"set TTL to {FAILOVER_TTL} or less"


def fits(kind: str, value: str) -> bool:
    """Tell whether a value is in the form of its type, for the types whose form is checked."""
    if "{{" in value:
        return True
    if kind in ("TXT", "SPF"):
        return QUOTED.fullmatch(value) is not None
    address = {"A": IPv4Address, "AAAA": IPv6Address}.get(kind)
    try:
        return address is None or bool(address(value))
    except ValueError:
        return False
