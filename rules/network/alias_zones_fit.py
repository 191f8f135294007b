"""The zone that an alias record names for its target is the one in which AWS keeps the target's name.

A balancer, a website of a bucket, a distribution has its name in a zone of AWS's, another one in each region. With the
zone of the record itself, of the other region, or of another kind of target, Route 53 refuses the alias, or leads
nowhere. An id that is in no table is taken as it is.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-route53-recordset-aliastarget.html
Source: https://docs.aws.amazon.com/general/latest/gr/elb.html
Source: https://docs.aws.amazon.com/general/latest/gr/s3.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from stackproof.api import Deployment, Finding, Stack
from stackproof.aws.data import rows
from stackproof.topology.records import Record, records

APPLIES_TO = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")
TOKEN = re.compile(r"(?:dualstack\.)?\{\{(\w+)\.([\w.]+)@[\w-]+\}\}")
BY_DOMAIN = {
    "distribution": re.compile(r"[a-z0-9]+\.cloudfront\.net"),
    "accelerator": re.compile(r"[a-z0-9]+\.(dualstack\.)?awsglobalaccelerator\.com"),
    "balancer": re.compile(r"\S+\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com(\.cn)?"),
    "network_balancer": re.compile(r"\S+\.elb\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"),
    "website": re.compile(r"(\S+\.)?s3-website[.-](?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"),
}
BY_TYPE = {
    ("AWS::CloudFront::Distribution", "DomainName"): "distribution",
    ("AWS::ElasticLoadBalancing::LoadBalancer", "DNSName"): "balancer",
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "DNSName"): "balancer",
    ("AWS::GlobalAccelerator::Accelerator", "DnsName"): "accelerator",
}
DOMAINS = ("AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName")
PAIRS = {"DistributionDomainName": "DistributionHostedZoneId", "RegionalDomainName": "RegionalHostedZoneId"}
"""The attributes of a domain of API Gateway that go together."""
WHAT = {
    "accelerator": "an accelerator",
    "balancer": "an Application or Classic Load Balancer",
    "distribution": "a distribution",
    "network_balancer": "a Network Load Balancer",
    "website": "a website of a bucket",
}


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for record in records(stack):
            alias = record.properties.get("AliasTarget")
            if isinstance(alias, Mapping) and (why := misfit(stack, record, alias)):
                name, zone = alias.get("DNSName"), alias.get("HostedZoneId")
                message = f"{record.logical} is an alias of {name} in the zone {zone}, {why}"
                path = (*record.path, "AliasTarget", "HostedZoneId")
                yield stack.finding(path, message, "give the zone of the target, by Fn::GetAtt if you can")


def misfit(stack: Stack, record: Record, alias: Mapping[str, object]) -> str:
    """Return what is wrong with the zone of an alias, "" where it fits or is not known."""
    name, zone = str(alias.get("DNSName")).rstrip(".").lower(), str(alias.get("HostedZoneId"))
    written = str(alias.get("DNSName"))
    kind, region = target(stack, written, name)
    if not kind:
        return ""
    if zone == str(record.properties.get("HostedZoneId", "")) or zone in own_zones(record):
        return "which is the zone of the record itself"
    known = zones().get(zone)
    if kind in PAIRS:
        if known and (known[0] != "distribution" or kind == "RegionalDomainName"):
            return of_another(known)
        attribute = TOKEN.fullmatch(zone)
        other = attribute is not None and attribute[2] in PAIRS.values() and attribute[2] != PAIRS[kind]
        return f"which belongs to another name of the domain than its {kind}" if other else ""
    fits = (kind, region if known and (kind, region) in zones().values() else known[1] if known else "")
    return of_another(known) if known and known != fits else ""


def of_another(known: tuple[str, str]) -> str:
    what, region = known
    return f"which is the one of {WHAT[what]}{f' in {region}' if region != 'world' else ''}"


def own_zones(record: Record) -> tuple[str, ...]:
    return (record.zone,) if record.zone.startswith(("Z", "{{")) else ()


def target(stack: Stack, written: str, name: str) -> tuple[str, str]:
    """Return of which kind a target is, and in which region; "" where that is not known."""
    if token := TOKEN.fullmatch(written):
        resource = stack.resources.get(token[1], {})
        kind = BY_TYPE.get((resource.get("Type", ""), token[2]), "")
        if resource.get("Type") in DOMAINS and token[2] in PAIRS:
            return token[2], ""
        if kind == "balancer" and resource.get("Properties", {}).get("Type") == "network":
            kind = "network_balancer"
        return kind, "world" if kind in ("distribution", "accelerator") else stack.scenario.region
    for kind, domain in BY_DOMAIN.items():
        if found := domain.fullmatch(name):
            return kind, found.groupdict().get("region") or "world"
    return "", ""


@cache
def zones() -> Mapping[str, tuple[str, str]]:
    """Return the zones of AWS's that are known, each with what is in it and in which region."""
    return {
        zone: (kind, region)
        for region, listed in rows("alias_zones").items()
        for row in listed
        for kind, zone in row.items()
        if kind != "source"
    }
