"""Whether an account has room for what a stack adds: addresses, gateways, VPCs, concurrent executions of functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import isnan
from typing import Any

from stackproof.aws.data import facts
from stackproof.deploy.client import Failed
from stackproof.deploy.look import Look, Side, looked
from stackproof.foundation.values import number

FUNCTION, MAPPING, STREAM = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping", "AWS::Kinesis::Stream"
NOT_KNOWN = "NoSuchResourceException"
"""What Service Quotas answers where a quota was never changed in some regions: the default holds then."""

ON_DEMAND = 4
"""Shards that a stream on demand begins with. Source: Kinesis Data Streams Developer Guide, "On-demand mode"."""


def of_quotas(side: Side) -> Iterator[Look]:
    """Give a look for each type of the stack that an account has a quota for, as far as the stack adds to it."""
    quotas: Mapping[str, Mapping[str, Any]] = facts("account", "quota")
    lists: Mapping[str, Mapping[str, Any]] = facts("account", "used")
    for kind, quota in quotas.items():
        added = len([*side.stack.of_type(kind)]) - len(side.there.get(kind, ()))
        if kind in lists and added > 0:
            action = f"{lists[kind]['action']} and servicequotas:GetServiceQuota"
            yield looked(side.region, quota["name"], action, _room, side, kind, added)
    if [*side.stack.of_type(FUNCTION)]:
        quota = quotas[FUNCTION]
        yield looked(side.region, quota["name"], "lambda:GetAccountSettings", _concurrency, side, quota)


def _room(side: Side, kind: str, added: int) -> Look:
    quota, used = facts("account", "quota")[kind], facts("account", "used")[kind]
    arguments = {"Filters": used["filters"]} if "filters" in used else {}
    found = [*side.pages(used["client"], used["operation"], used["key"], **arguments)]
    taken = _in_zones(side, kind, found) if quota.get("zone") else len(found)
    limit = _limit(side, quota)
    detail = f"{taken} of {limit:g} used, {added} more needed"
    if taken + added <= limit:
        return Look(side.region, quota["name"], "ready", detail)
    return Look(side.region, quota["name"], "missing", detail, _increase(side, quota, taken + added))


def _in_zones(side: Side, kind: str, found: Iterable[Mapping[str, Any]]) -> int:
    """Return how many there are in the fullest of the zones that the stack adds to."""
    zones = {
        subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in side.pages("ec2", "describe_subnets", "Subnets")
    }
    counted = Counter(zones.get(str(interface.get("SubnetId"))) for interface in found)
    own = {
        side.stack.evaluator.references.ref(logical): properties
        for logical, properties in side.stack.of_type("AWS::EC2::Subnet")
    }
    wanted = [
        own.get(properties.get("SubnetId"), {}).get("AvailabilityZone") for _, properties in side.stack.of_type(kind)
    ]
    return max((counted[zone] for zone in wanted if zone in counted), default=0)


def _limit(side: Side, quota: Mapping[str, Any]) -> float:
    try:
        found = side.ask("service-quotas", "get_service_quota", ServiceCode=quota["service"], QuotaCode=quota["code"])
    except Failed as error:
        if error.code == NOT_KNOWN:
            return float(quota["default"])
        raise
    return float(found["Quota"]["Value"])


def _increase(side: Side, quota: Mapping[str, Any], wanted: int) -> str:
    return (
        f"aws service-quotas request-service-quota-increase --region {side.region} --service-code {quota['service']} "
        f"--quota-code {quota['code']} --desired-value {wanted}"
    )


def _concurrency(side: Side, quota: Mapping[str, Any]) -> Look:
    """Compare what an account has left with what mappings of streams can call at once: shards times their factor.

    New accounts have 10 instead of 1,000. Source: Lambda Developer Guide, "Understanding Lambda function scaling";
    "Polling and batching streams", ParallelizationFactor.
    """
    needed = _called_at_once(side)
    limits = side.ask("lambda", "get_account_settings")["AccountLimit"]
    left = int(limits["UnreservedConcurrentExecutions"])
    detail = f"{left} not reserved, {needed} needed"
    if needed <= left:
        return Look(side.region, quota["name"], "ready", detail)
    wanted = int(limits["ConcurrentExecutions"]) + needed - left
    return Look(side.region, quota["name"], "missing", detail, _increase(side, quota, wanted))


def _called_at_once(side: Side) -> int:
    stack = side.stack
    shards = {
        stack.evaluator.references.attribute(logical, "Arn"): number(properties, "ShardCount", ON_DEMAND)
        for logical, properties in stack.of_type(STREAM)
    }
    mapped = [properties for _, properties in stack.of_type(MAPPING) if properties.get("EventSourceArn") in shards]
    batches = [shards[mapping["EventSourceArn"]] * number(mapping, "ParallelizationFactor", 1) for mapping in mapped]
    streams = sum(int(batch) for batch in batches if not isnan(batch))
    called = {str(mapping.get("FunctionName")) for mapping in mapped}
    return streams + len([*stack.of_type(FUNCTION)]) - len(called)
