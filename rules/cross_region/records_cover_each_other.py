"""The records of both regions under one name cover each other: one answers, and the other does where that is unhealthy.

formerly: failover_has_two_sides
pack: resilience

Of weighted records that say which region is the active one exactly one has a weight above 0: Route 53 answers with a
record of weight 0 only while every other one is unhealthy, and where all are 0 it answers with all alike. While a
cutover is under way both may be above 0, but stacks that are told the same must not be; records that lead callers to
an endpoint may share them. Of failover records the source's is the primary. A record that nothing watches, by a health
check or as an alias by what it leads to, is taken for healthy for ever, whether it is routed by failover, weight,
latency or place. Two that answer alike, or that are kept for different times, tell nobody.
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo.html
severity: error
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan

from stackproof.api import CannotTell, Deployment, Finding, acceptance, as_list, number, resolve, resource_of
from stackproof.topology.records import Record, by_name

APPLIES_TO = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")
ENDPOINTS = ("A", "AAAA", "CNAME", "HTTPS", "SVCB")
"""Types that lead callers somewhere; others say something, as a TXT record may say which region is active."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for (_, name, kind), found in by_name(deployment.stacks).items():
        what = f"{kind} {name}"
        if any("failover" in record.policies for record in found):
            yield from of_failover(deployment, what, found)
        elif all("weighted" in record.policies for record in found):
            yield from of_weights(deployment, what, found)
        elif kind in ENDPOINTS and len({record.stack for record in found}) > 1:
            yield from of_places(what, found)


def weight(record: Record) -> float:
    return number(record.properties, "Weight", 0)


def of_weights(deployment: Deployment, name: str, found: Sequence[Record]) -> Iterator[Finding]:
    """Find what is wrong with the weighted records of one name; several of one region are a release."""
    last = found[-1]
    path = (*last.path, "Weight")
    if any(isnan(weight(record)) for record in found):
        return
    active = [record for record in found if weight(record) > 0]
    if len(found) < 2:
        message = f"{name} has {len(found)} weighted record, and nothing takes over from it"
        yield deployment.finding(last.stack, path, message, "give each region a record with a Weight")
    elif len({record.stack for record in found}) < 2:
        return
    elif not active:
        message = f"{name} has no record with a weight above 0: Route 53 answers with all of them alike"
        yield deployment.finding(last.stack, path, message, "give the active region's record a Weight above 0")
    elif len(active) > 1 and last.type not in ENDPOINTS and (same := shared_parameters(deployment)):
        message = f"{name} has {len(active)} records with a weight above 0, though both stacks have {same}"
        yield deployment.finding(last.stack, path, message, "give one region's record the Weight 0")
    yield from in_common(deployment, name, found)
    for record in found:
        if record in active or len(active) != 1:
            yield from unwatched(name, record)


def shared_parameters(deployment: Deployment) -> str:
    """Say whose parameters, given to both stacks, leave more than one weight above 0; "" if nobody's do."""
    for owner in deployment.stacks:
        try:
            alike = tuple(
                resolve(stack.template, acceptance.with_parameters(stack.scenario, owner.scenario.parameters))
                for stack in deployment.stacks
            )
        except CannotTell:  # what is for one stack may be refused in the other
            continue
        for found in by_name(alike).values():
            if len([record for record in found if weight(record) > 0]) > 1:
                return f"the parameters of {owner.scenario.region}"
    return ""


def of_failover(deployment: Deployment, name: str, found: Sequence[Record]) -> Iterator[Finding]:
    """Find what is wrong with the failover records of one name."""
    last = found[-1]
    roles = [str(record.properties.get("Failover", "no Failover")) for record in found]
    if sorted(roles) != ["PRIMARY", "SECONDARY"]:
        message = f"{name} has {', '.join(roles)}, and needs one PRIMARY and one SECONDARY"
        fix = "make one region's record the other's SECONDARY"
        yield deployment.finding(last.stack, (*last.path, "Failover"), message, fix)
    yield from in_common(deployment, name, found)
    for record, role in zip(found, roles, strict=True):
        if role == "PRIMARY" and record.stack is deployment.target and "SECONDARY" in roles:
            message = f"{name} has its primary in the target: callers go where data arrives last"
            at = (*record.path, "Failover")
            yield record.stack.finding(at, message, "make the source's record the PRIMARY")
        if role == "PRIMARY":
            yield from unwatched(name, record)


def of_places(name: str, found: Sequence[Record]) -> Iterator[Finding]:
    """Find what is wrong with records by latency, place or address, and with several at once, of both regions."""
    for record in found:
        if record.policies:
            yield from unwatched(name, record)
        theirs = {member.stack.scenario.region for member in found} - {record.stack.scenario.region}
        if record.policies == ("latency",) and record.properties["Region"] in theirs:
            message = f"{name} sends callers near {record.properties['Region']} to {record.stack.scenario.region}"
            yield record.stack.finding((*record.path, "Region"), message, 'write { "Ref": "AWS::Region" }')
    if all(record.policies == ("geolocation",) for record in found) and not any(map(is_default, found)):
        message = f"{name} has no record for callers of other places, who get no answer"
        fix = 'add a record with GeoLocation: {CountryCode: "*"}'
        yield found[0].stack.finding((*found[0].path, "GeoLocation"), message, fix)


def is_default(record: Record) -> bool:
    place = record.properties.get("GeoLocation")
    return isinstance(place, Mapping) and place.get("CountryCode") == "*"


def in_common(deployment: Deployment, name: str, found: Sequence[Record]) -> Iterator[Finding]:
    """Find what records of one name must not, or must, have in common."""
    last = found[-1]
    if len({str(record.properties.get("TTL")) for record in found if "AliasTarget" not in record.properties}) > 1:
        message = f"{name} is kept for a different TTL in each region"
        yield deployment.finding(last.stack, (*last.path, "TTL"), message, "give both records one TTL")
    if len(found) > 1 and found[0].answer == last.answer:
        message = f"{name} answers {last.answer} in both regions: who asks does not notice which one answers"
        yield deployment.finding(last.stack, last.path, message, "answer with what the region is")
    for record in found:
        called = called_by_check(record)
        own = [str(value).rstrip(".") for value in as_list(record.answer)]
        others = [str(value).rstrip(".") for other in found if other is not record for value in as_list(other.answer)]
        if called and called in others and called not in own:
            message = (
                f"{name} of {record.stack.scenario.region} has a health check that calls {called}, the other's answer"
            )
            yield record.stack.finding((*record.path, "HealthCheckId"), message, "call what the record answers with")
    checks = [record.properties.get("HealthCheckId") for record in found]
    if len(found) > 1 and checks[0] is not None and checks[0] == checks[-1]:
        message = f"{name} has the health check {checks[0]} in both regions: both are unhealthy at once"
        fix = "give each record a health check of its own"
        yield deployment.finding(last.stack, (*last.path, "HealthCheckId"), message, fix)


def called_by_check(record: Record) -> str:
    """Return the name or address that the health check of a record calls, "" where it calls none or is not known."""
    check = resource_of(record.stack, record.properties.get("HealthCheckId"), "AWS::Route53::HealthCheck")
    config = record.stack.resources[check].get("Properties", {}).get("HealthCheckConfig", {}) if check else {}
    return str(config.get("FullyQualifiedDomainName", config.get("IPAddress", ""))).rstrip(".")


def unwatched(name: str, record: Record) -> Iterator[Finding]:
    if not record.watched:
        region = record.stack.scenario.region
        message = f"{name} has a record of {region} without a health check: it is taken for healthy for ever"
        fix = "set HealthCheckId, or EvaluateTargetHealth of an alias"
        yield record.stack.finding(record.path, message, fix)
