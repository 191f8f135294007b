"""Whether a metric is published in a deployment: by a service for a resource, or by the code of a function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.aws.data import facts
from stackproof.aws.metrics import AT_DESTINATION, DAY, NAMED_BY, PUBLISHED, SLOW, Metric
from stackproof.code.boto3_calls import Call, read
from stackproof.code.inline import Inline, inline_functions
from stackproof.code.resolution import Resolver
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.memo import memoised
from stackproof.monitoring.embedded_metrics import Put, embedded
from stackproof.monitoring.metric_names import misnamed_because, part_missing_because, switched_off_because
from stackproof.topology.elsewhere import others_create
from stackproof.topology.resource_index import resources_by_name
from stackproof.topology.texts import of_functions, texts_of

OF_AGENTS = ("CWAgent", "CloudWatchSynthetics", "ContainerInsights", "ECS/ContainerInsights", "LambdaInsights", "WAF",
             "Glue", "/aws/sagemaker")  # fmt: skip
"""Namespaces of services and agents of AWS that do not begin with AWS/."""
ANY_VALUE = frozenset(("*",))
"""What a metric filter takes from the lines of a log."""
LONG = 5
"""Letters of a service's namespace from which on a letter more or less is no other service: there are EC2 and ECS."""
MACHINES = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::AutoScalingGroup", "AWS::EKS::Cluster")


def unpublished_because(deployment: Deployment, stack: Stack, metric: Metric) -> str:
    """Return why a metric is not published in the region of a stack, "" if it is."""
    if of_functions(metric.namespace) or of_functions(metric.name):
        return ""
    if off := switched_off_because(stack, metric):
        return off
    if not metric.namespace.startswith("AWS/"):
        return "" if metric.namespace in OF_AGENTS else _not_put(deployment, stack, metric)
    rows = PUBLISHED.get(metric.namespace)
    if rows is None:  # what a service without rows publishes is not known, but whom its dimensions name
        meant = next((namespace for namespace in PUBLISHED if _misspelt(metric.namespace, namespace)), "")
        unknown = f"no service is known by this namespace, which is one letter off {meant}" if meant else ""
        return unknown or misnamed_because(stack, metric)
    sets = [dimensions for name, dimensions in rows if name == metric.name]
    if not sets:
        return f"{metric.namespace} has no metric {metric.name}"
    if frozenset(metric.dimensions) not in sets:
        known = " or ".join(", ".join(sorted(names)) or "none" for names in sets)
        return f"its dimensions are {known}, not {', '.join(sorted(metric.dimensions)) or 'none'}"
    if metric.name in SLOW and (metric.period or DAY) < DAY:
        return f"it has one point a day, and the period is {metric.period} s"
    unnamed = (_unnamed(deployment, stack, metric, name, value) for name, value in metric.dimensions.items())
    return next((why for why in unnamed if why), "") or _elsewhere(deployment, stack, metric)


def _misspelt(namespace: str, known: str) -> bool:
    """Tell whether a namespace is a known one with a letter too many, too few or of the other case; short ones differ
    by a letter from each other."""
    longer, shorter = sorted((namespace, known), key=len, reverse=True)
    if len(shorter) < len("AWS/") + LONG:
        return False
    one_out = len(longer) == len(shorter) + 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )
    return one_out or namespace.lower() == known.lower()


def unfound_because(deployment: Deployment, stack: Stack, metric: Metric, dimensions: frozenset[str]) -> str:
    """Return why a search for a metric by some of its dimensions finds nothing in the region of a stack, "" if it does.

    `dimensions` are all that the search asks for, those of `metric` the ones that it gives.
    """
    if (metric.name, dimensions) not in PUBLISHED.get(metric.namespace, {}):
        return f"{metric.namespace} has no metric {metric.name or 'without a name'} of {', '.join(sorted(dimensions))}"
    strange = [name for name in metric.dimensions if name not in dimensions]
    if strange:
        return f"{strange[0]} is none of the dimensions that it asks for"
    unnamed = (_unnamed(deployment, stack, metric, name, value) for name, value in metric.dimensions.items())
    return next((why for why in unnamed if why), "") or _elsewhere(deployment, stack, metric)


def _elsewhere(deployment: Deployment, stack: Stack, metric: Metric) -> str:
    """Return in which region a metric of a replication is published, if that is not the region of a stack.

    Where a bucket lies that neither stack creates is not known: there the metric may be.
    """
    dimensions, regions = metric.dimensions, set()
    for source in deployment.stacks if "SourceBucket" in dimensions else ():
        logical = resources_by_name(source, "AWS::S3::Bucket").get(dimensions["SourceBucket"])
        properties = source.resources[logical].get("Properties", {}) if logical else {}
        for rule in properties.get("ReplicationConfiguration", {}).get("Rules", []):
            bucket = str(rule["Destination"]["Bucket"]).rpartition(":")[2]
            same = bucket == dimensions.get("DestinationBucket", bucket) and rule.get("Id") == dimensions.get(
                "RuleId", rule.get("Id")
            )
            owners = [
                candidate
                for candidate in deployment.stacks
                if bucket in resources_by_name(candidate, "AWS::S3::Bucket")
            ]
            at_destination = (metric.namespace, metric.name) in AT_DESTINATION
            found = owners if at_destination else [source]
            regions |= {publisher.scenario.region for publisher in found} or {stack.scenario.region} if same else set()
    if not regions or stack.scenario.region in regions:
        return ""
    return f"it is published in {' and '.join(sorted(regions))}"


def _unnamed(deployment: Deployment, stack: Stack, metric: Metric, name: str, value: str) -> str:
    """Return why the value of a dimension names nothing that the metric can be of, "" if it does."""
    where = stack.scenario.region
    if name in NAMED_BY and not name.endswith("Arn") and value.startswith(("arn:", "https://", "http://")):
        return f"{name} takes a name, and {value!r} is {'an ARN' if value.startswith('arn:') else 'a URL'}"
    if name in NAMED_BY and name.endswith("Arn") and not of_functions(value) and not value.startswith("arn:"):
        return f"{name} takes an ARN, and {value!r} is none"
    if name in NAMED_BY:
        stacks = deployment.stacks if name in ("SourceBucket", "TableName") else (stack,)
        found = [
            (owner, logical) for owner in stacks if (logical := resources_by_name(owner, *NAMED_BY[name]).get(value))
        ]
        if not found and others_create(deployment, value):
            return ""
        if not any(
            owner is stack or name == "SourceBucket" or _replica(owner, logical, where) for owner, logical in found
        ):
            return f"{name} {value!r} names nothing in {where}"
        if name == "EventSourceMappingUUID":
            counted = stack.resources[found[0][1]].get("Properties", {}).get("MetricsConfig", {}).get("Metrics", [])
            return (
                ""
                if "EventCount" in counted
                else f"the mapping {found[0][1]} does not count events in its MetricsConfig"
            )
        return ""
    if name in ("FilterId", "GlobalSecondaryIndexName", "ShardId"):
        return part_missing_because(stack, metric, name, value)
    if name in ("DestinationBucket", "RuleId"):
        return _not_replicated(deployment, metric)
    if name == "ReceivingRegion":
        regions = [member.scenario.region for member in deployment.stacks]
        if value not in regions or value == where:
            return f"{name} {value!r} is not the other region"
        return _without_replicas(deployment, metric)
    if name == "StorageType":
        return "" if value.endswith(("Storage", "Overhead", "AllStorageTypes")) else f"{value!r} is no StorageType"
    return ""


def _without_replicas(deployment: Deployment, metric: Metric) -> str:
    """Return why a table has no replica to be late, "" if it has, or is not the stacks' own."""
    table = metric.dimensions.get("TableName", "")
    plain = (resources_by_name(stack, "AWS::DynamoDB::Table").get(table) for stack in deployment.stacks)
    logical = next((found for found in plain if found), None)
    return f"{logical} has no replicas" if logical else ""


def _replica(stack: Stack, logical: str, region: str) -> bool:
    replicas = stack.resources[logical].get("Properties", {}).get("Replicas", [])
    return any(replica.get("Region") == region for replica in replicas)


def _not_replicated(deployment: Deployment, metric: Metric) -> str:
    """Return why no replication rule with metrics has the dimensions of a metric, "" if one has."""
    dimensions = metric.dimensions
    for stack in deployment.stacks:
        logical = resources_by_name(stack, "AWS::S3::Bucket").get(dimensions.get("SourceBucket", ""))
        properties = stack.resources[logical].get("Properties", {}) if logical else {}
        for rule in properties.get("ReplicationConfiguration", {}).get("Rules", []):
            bucket = str(rule["Destination"]["Bucket"]).rpartition(":")[2]
            if bucket == dimensions["DestinationBucket"] and rule.get("Id") == dimensions["RuleId"]:
                enabled = rule["Destination"].get("Metrics", {}).get("Status") == "Enabled"
                return "" if enabled else f"the replication rule {rule.get('Id')} has its metrics switched off"
    source, destination = dimensions.get("SourceBucket"), dimensions["DestinationBucket"]
    return f"no replication rule {dimensions['RuleId']!r} goes from {source} to {destination}"


def _not_put(deployment: Deployment, stack: Stack, metric: Metric) -> str:
    """Return why no code and no metric filter of a stack puts a metric, "" if one does, or others may.

    Where the project does not list what others create, they put all of a namespace that no stack puts anything to.
    """
    puts, unknown = _puts(stack)
    same = [put for put in puts if put[:2] == (metric.namespace, metric.name)]
    if not same and _runs_other_programs(stack):
        return ""
    if deployment.external is None and metric.namespace not in {put[0] for put in puts}:
        return ""
    if not same and unknown:
        raise unknown[0]
    if not same:
        return f"nothing in {stack.scenario.region} puts it"
    for _, _, dimensions in same:
        if frozenset(dimensions) != frozenset(metric.dimensions):
            continue
        wrong = [
            name
            for name, values in dimensions.items()
            if values and values is not ANY_VALUE and metric.dimensions[name] not in values
        ]
        free = [metric.dimensions[name] for name, values in dimensions.items() if not values]
        strange = [value for value in free if value not in _texts(stack)]
        if not wrong and not strange:
            return ""
        return f"{(wrong and metric.dimensions[wrong[0]]) or strange[0]!r} is no value that it is put with"
    known = " or ".join(", ".join(sorted(put[2])) or "none" for put in same)
    return f"it is put with the dimensions {known}, not {', '.join(sorted(metric.dimensions)) or 'none'}"


@memoised
def _runs_other_programs(stack: Stack) -> bool:
    """Tell whether the stack runs programs that are not in the template: these may put any metric."""
    read = {function.logical for function in inline_functions(stack)}
    elsewhere = any(logical not in read for logical, _ in stack.of_type("AWS::Lambda::Function"))
    return elsewhere or any(stack.of_type(*facts("resource_types", "runs_programs"), *MACHINES))


@memoised
def _texts(stack: Stack) -> frozenset[str]:
    """Return what stands anywhere in the stack, but in what watches: the code may be given it when it runs."""
    watching = {logical for logical, _ in stack.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard")}
    return frozenset(text for path, text in texts_of(stack) if path[0] == "Resources" and path[1] not in watching)


@memoised
def _puts(stack: Stack) -> tuple[tuple[Put, ...], tuple[CannotTell, ...]]:
    """Return what functions and metric filters put, and why it is not known of some functions."""
    puts = list(_of_filters(stack))
    unknown: list[CannotTell] = []
    for function in inline_functions(stack):
        try:
            with function.analysing():
                puts.extend(_put_by(function))
        except CannotTell as error:
            unknown.append(error)
    return tuple(puts), tuple(unknown)


def _put_by(function: Inline) -> Iterator[Put]:
    function.tree()
    reading = read(function.text, function.handler)
    yield from embedded(function, reading)
    for call in reading.calls:
        if (call.client.service, call.operation) == ("cloudwatch", "put_metric_data"):
            yield from _of_call(function, call)


def _of_filters(stack: Stack) -> Iterator[Put]:
    for _, properties in stack.of_type("AWS::Logs::MetricFilter"):
        for transformation in properties.get("MetricTransformations", []):
            dimensions = {str(each["Key"]): ANY_VALUE for each in transformation.get("Dimensions", [])}
            yield str(transformation["MetricNamespace"]), str(transformation["MetricName"]), dimensions


def _of_call(function: Inline, call: Call) -> Iterator[Put]:
    resolver, code, line = Resolver(function, call.code), call.code, call.line
    namespaces = resolver.texts(call.argument("Namespace") or (), line, "the metric's namespace")
    for data in call.argument("MetricData") or ():
        for written in code.elements(data) or ():
            for datum in code.of(*written):
                names = resolver.texts(tuple(code.part(datum, "MetricName")), line, "the metric's name")
                dimensions: dict[str, frozenset[str]] = {}
                for dimension_list in code.part(datum, "Dimensions"):
                    items = code.elements(dimension_list)
                    if items is None:
                        raise resolver.lost(line, "the metric's dimensions")
                    for item in (value for member in items for value in code.of(*member)):
                        key = resolver.texts(tuple(code.part(item, "Name")), line, "a dimension's name")
                        dimensions |= dict.fromkeys(key, _values(resolver, tuple(code.part(item, "Value")), line))
                yield from ((namespace, name, dimensions) for namespace in namespaces for name in names)


def _values(resolver: Resolver, values: tuple[Any, ...], line: int) -> frozenset[str]:
    try:
        return frozenset(resolver.texts(values, line, "a dimension's value"))
    except CannotTell:
        return frozenset()
