"""Properties that AWS takes only together stand together: no value of one asks for another that is left out.

The schemas of these types let each property be left out, so neither CloudFormation nor cfn-lint notices before the
service refuses the request: a trail of all regions without the events of global services, a log group sent to a stream
without the role that writes there, a table with provisioned capacity that does not say how much, at a replica too. The
ARN of a table's stream is there only for a table that says it has a stream.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html (a multi-Region trail)
Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html (roleArn)
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, is_true, properties_path
from stackproof.topology.texts import texts_of

TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
APPLIES_TO = ("AWS::CloudTrail::Trail", *TABLES, "AWS::Logs::SubscriptionFilter")
BY_ROLE = re.compile(r"arn:[\w-]+:(kinesis:.*:stream|firehose:.*:deliverystream)/.*")
WRITES, READS = "WriteProvisionedThroughputSettings", "ReadProvisionedThroughputSettings"
Properties = Mapping[str, Any]
Fault = tuple[Path, str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, resource in stack.resources.items():
            if faults := FAULTS.get(resource["Type"]):
                for path, message, fix in faults(as_mapping(resource.get("Properties"))):
                    yield stack.finding(properties_path(logical, *path), f"{logical} {message}", fix)
        yield from streams(stack)


def streams(stack: Stack) -> Iterator[Finding]:
    """Find the ARNs of streams that tables do not have."""
    without = {
        str(stack.evaluator.references.attribute(logical, "StreamArn")): logical
        for logical, properties in stack.of_type(*TABLES)
        if "StreamSpecification" not in properties
    }
    for path, text in texts_of(stack) if without else ():
        if text in without:
            message = f"{path[1]} names the stream of {without[text]}, which has none"
            yield stack.finding(path, message, f"set StreamSpecification of {without[text]}")


def of_trail(trail: Properties) -> Iterator[Fault]:
    if is_true(trail.get("IsMultiRegionTrail")) and not is_true(trail.get("IncludeGlobalServiceEvents")):
        message = "records every region without IncludeGlobalServiceEvents, and CloudTrail takes them only together"
        yield ("IsMultiRegionTrail",), message, "set IncludeGlobalServiceEvents to true"


def of_filter(sent: Properties) -> Iterator[Fault]:
    to = str(sent.get("DestinationArn"))
    if BY_ROLE.fullmatch(to) and "RoleArn" not in sent:
        message = f"sends to {to} without a RoleArn, and CloudWatch Logs writes there only by a role"
        yield ("DestinationArn",), message, "set RoleArn to a role that logs.amazonaws.com may assume"


def of_table(table: Properties) -> Iterator[Fault]:
    """Give where a global table with provisioned capacity does not say how much: that is what it is, if not stated."""
    if str(table.get("BillingMode", "PROVISIONED")) != "PROVISIONED":
        return
    fix = "set BillingMode to PAY_PER_REQUEST, or set it"
    if WRITES not in table:
        yield (), f"has provisioned capacity, and no {WRITES}", fix
    for index, replica in enumerate(as_list(table.get("Replicas", []))):
        if READS not in as_mapping(replica):
            region = as_mapping(replica).get("Region")
            yield ("Replicas", index), f"has provisioned capacity, and no {READS} in {region}", fix


FAULTS = {
    "AWS::CloudTrail::Trail": of_trail,
    "AWS::DynamoDB::GlobalTable": of_table,
    "AWS::Logs::SubscriptionFilter": of_filter,
}
"""By type, what finds in its properties that one of them asks for another."""
