"""Records that answer for one name are told apart: by a routing policy that all of them have, and their identifiers.

Route 53 keeps one plain record of a name and type in a zone, whichever stack creates it, and none beside records with
a policy; of those each has a SetIdentifier of its own. Nothing stands beside a CNAME. What is refused fails the stack
that comes second; with HostedZoneId of one zone both regions' stacks write into it.
Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html
Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#CNAMEFormat
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.api import Deployment, Finding
from stackproof.topology.records import Record, by_name

APPLIES_TO = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")


def check(deployment: Deployment) -> Iterator[Finding]:
    beside: dict[tuple[str, str], list[Record]] = {}
    for (zone, name, _), found in by_name(deployment.stacks).items():
        beside.setdefault((zone, name), []).append(found[0])
        for record in found:
            yield from of_one(record)
        for index, record in enumerate(found):
            yield from of_two(record, found[:index])
    for types in beside.values():
        cname = next((twin for twin in types if twin.type == "CNAME"), None)
        if cname and len(types) > 1:
            others = ", ".join(twin.type for twin in types if twin is not cname)
            message = f"{cname.logical} is a CNAME of {cname.name}, which has a record of type {others} as well"
            yield cname.stack.finding(cname.path, message, "make it an alias, or remove the others")


def of_one(record: Record) -> Iterator[Finding]:
    """Find what is wrong with a record by itself."""
    named, policies = "SetIdentifier" in record.properties, record.policies
    if len(policies) > 1:
        message = f"{record.logical} is routed by {' and '.join(policies)}"
        yield record.stack.finding(record.path, message, "leave one routing policy")
    elif policies and not named:
        message = f"{record.logical} has a {policies[0]} policy and no SetIdentifier"
        yield record.stack.finding(record.path, message, "give it a SetIdentifier, such as the region")
    elif named and not policies:
        message = f"{record.logical} has a SetIdentifier and no routing policy"
        yield record.stack.finding((*record.path, "SetIdentifier"), message, "add a routing policy, or leave it out")


def of_two(record: Record, earlier: Sequence[Record]) -> Iterator[Finding]:
    """Find what is wrong with a record beside those of its name that come before it."""
    for other in earlier:
        what = f"{record.type} {record.name} of {record.logical} in {record.stack.scenario.region}"
        theirs = f"{other.logical} in {other.stack.scenario.region}"
        mine, its = record.properties.get("SetIdentifier"), other.properties.get("SetIdentifier")
        if not record.policies and not other.policies:
            message = f"{what} is a second plain record beside that of {theirs}: a zone has one"
            fix = "create it in one stack, put the region into Name, or add SetIdentifier and a routing policy"
            yield record.stack.finding((*record.path, "Name"), message, fix)
        elif record.policies[:1] != other.policies[:1]:
            policies = f"{(record.policies or ('plain',))[0]} and that of {theirs} {(other.policies or ('plain',))[0]}"
            yield record.stack.finding(record.path, f"{what} is {policies}", "route all records of a name alike")
        elif mine is not None and str(mine) == str(its):
            message = f"{what} has the SetIdentifier {mine!r}, as that of {theirs}"
            at = (*record.path, "SetIdentifier")
            yield record.stack.finding(at, message, "give each record one of its own, such as the region")
        else:
            continue
        return
