"""Whether the dimensions of a metric name what is there, and whether a part of a resource has metrics of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stackproof.aws.metrics import NAMED_BY, Metric
from stackproof.evaluation.stack import Stack
from stackproof.foundation.placeholders import holds_unknown
from stackproof.foundation.values import as_list, as_mapping
from stackproof.topology.resource_index import resource_of, resources_by_name


def part_missing_because(stack: Stack, metric: Metric, name: str, value: str) -> str:
    """Return why a part of a resource has no such metric: a filter or an index that is not there, shards not measured.

    Source: Amazon S3 User Guide, "Monitoring metrics with Amazon CloudWatch" (request metrics are switched on by a
    filter); CloudFormation Template Reference, AWS::Kinesis::Stream, "DesiredShardLevelMetrics".
    """
    holder = {"FilterId": "BucketName", "GlobalSecondaryIndexName": "TableName", "ShardId": "StreamName"}[name]
    logical = resources_by_name(stack, *NAMED_BY[holder]).get(metric.dimensions.get(holder, ""))
    properties = stack.resources[logical].get("Properties", {}) if logical else {}
    if logical is None or holds_unknown(value):
        return ""
    if name == "ShardId":
        measured = as_list(properties.get("DesiredShardLevelMetrics", []))
        return (
            "" if {"ALL", metric.name} & {str(each) for each in measured} else f"{logical} does not measure its shards"
        )
    key, word = ("MetricsConfigurations", "Id") if name == "FilterId" else ("GlobalSecondaryIndexes", "IndexName")
    known = [str(as_mapping(each).get(word)) for each in as_list(properties.get(key, []))]
    return "" if value in known else f"{logical} has no {value!r} in {key}"


FULL_NAMES = {
    "LoadBalancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerFullName"),
    "TargetGroup": ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupFullName"),
}
"""Dimensions that take the last part of an ARN.

Source: User Guide for Application Load Balancers, "CloudWatch metrics for your Application Load Balancer".
"""
OF_APIS = ("4XXError", "5XXError", "CacheHitCount", "CacheMissCount", "Count", "IntegrationLatency", "Latency")
"""The metrics of REST APIs. Source: API Gateway Developer Guide, "Amazon API Gateway dimensions and metrics"."""


def misnamed_because(stack: Stack, metric: Metric) -> str:
    """Return why the dimensions of a metric of a service without rows are those of nothing, "" if they may be."""
    for name, value in metric.dimensions.items():
        if value.startswith("arn:") and not name.lower().endswith(("arn", "resource")):
            return f"{name} takes a name, and {value!r} is an ARN"
        kind, attribute = FULL_NAMES.get(name, ("", ""))
        named = resource_of(stack, value, kind) if kind else None
        token = re.match(r"\{\{(\w+)(?:\.(\w+))?@", value)
        if kind and (named or (token and stack.resources.get(token[1], {}).get("Type") == kind)):
            full = token is not None and token[2] == attribute
            if not full:
                return f"{name} takes what {attribute} gives"
    alone = "TargetGroup" in metric.dimensions and "LoadBalancer" not in metric.dimensions
    if alone and metric.name != "RequestCountPerTarget":
        return "its dimensions are LoadBalancer, TargetGroup, not TargetGroup"
    if metric.namespace == "AWS/ApiGateway" and "ApiName" in metric.dimensions:
        value = metric.dimensions["ApiName"]
        if metric.name not in OF_APIS:
            return f"REST APIs have no metric {metric.name}"
        if any(value == stack.evaluator.references.ref(api) for api, _ in stack.of_type("AWS::ApiGateway::RestApi")):
            return "ApiName takes the name of an API, and Ref gives its id"
    if metric.namespace == "AWS/AutoScaling" and metric.name.startswith("Group"):
        return _not_collected(stack, metric)
    return ""


def _not_collected(stack: Stack, metric: Metric) -> str:
    """Source: Amazon EC2 Auto Scaling User Guide, "Enable Auto Scaling group metrics"."""
    logical = resource_of(stack, metric.dimensions.get("AutoScalingGroupName"), "AWS::AutoScaling::AutoScalingGroup")
    if logical is None:
        return ""
    stated = as_list(stack.resources[logical].get("Properties", {}).get("MetricsCollection", []))
    for each in stated:
        names = as_list(as_mapping(each).get("Metrics", []))
        if not names or metric.name in names:
            return ""
    return f"{logical} does not collect it"


PROVISIONED = ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits")


def switched_off_because(stack: Stack, metric: Metric) -> str:
    """Return why a resource of the stack sends no such metric as it is configured, "" if it may.

    Source: Lambda Developer Guide, "Types of metrics for Lambda functions" (provisioned concurrency); API Gateway
    Developer Guide, "Monitor CloudWatch metrics for HTTP APIs in API Gateway"; CloudFormation Template Reference,
    AWS::ECS::Cluster, "ClusterSettings"; Amazon DynamoDB Developer Guide, "DynamoDB on-demand capacity mode".
    """
    if metric.namespace == "AWS/DynamoDB" and metric.name in PROVISIONED:
        logical, properties = _named(stack, metric, "TableName", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
        if properties.get("BillingMode") == "PAY_PER_REQUEST":
            return f"{logical} is billed by request, and nothing is provisioned"
    if metric.namespace == "AWS/Lambda" and metric.name.startswith("ProvisionedConcurrency"):
        logical, _ = _named(stack, metric, "FunctionName", "AWS::Lambda::Function")
        kinds = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
        provisioned = any("ProvisionedConcurrencyConfig" in each for _, each in stack.of_type(*kinds))
        if logical and not provisioned and not any(stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget")):
            return f"{logical} has no provisioned concurrency"
    if metric.namespace in ("ECS/ContainerInsights", "AWS/ECS/ManagedScaling"):
        logical, properties = _named(stack, metric, "ClusterName", "AWS::ECS::Cluster")
        for setting in as_list(properties.get("ClusterSettings", [])):
            stated = as_mapping(setting)
            if stated.get("Name") == "containerInsights" and stated.get("Value") == "disabled":
                return f"{logical} has Container Insights disabled"
    if metric.namespace == "AWS/ApiGateway" and {"ApiId", "ApiName"} & set(metric.dimensions):
        return _of_apis(stack, metric)
    return ""


def _named(stack: Stack, metric: Metric, dimension: str, *kinds: str) -> tuple[str, Mapping[str, Any]]:
    logical = resource_of(stack, metric.dimensions.get(dimension, ""), *kinds)
    return (logical, stack.resources[logical].get("Properties", {})) if logical else ("", {})


def _of_apis(stack: Stack, metric: Metric) -> str:
    """HTTP APIs send 4xx and 5xx by ApiId, REST APIs 4XXError and 5XXError by ApiName."""
    known = {name: resource_of(stack, metric.dimensions.get(name, "")) for name in ("ApiId", "ApiName")}
    for name, logical in known.items():
        resource = stack.resources[logical] if logical else {}
        if resource.get("Type") == "AWS::ApiGatewayV2::Api" and resource["Properties"].get("ProtocolType") == "HTTP":
            if name == "ApiName":
                return f"{logical} is an HTTP API, whose metrics have ApiId"
            if metric.name in ("4XXError", "5XXError"):
                return f"{logical} is an HTTP API, which sends {metric.name[:3].lower()}"
        if resource.get("Type") == "AWS::ApiGateway::RestApi" and name == "ApiId":
            return f"{logical} is a REST API, whose metrics have ApiName"
    return ""
