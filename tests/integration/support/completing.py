"""What the emulator's CloudFormation drops of a resource, put in by the service's own API as the template says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deployed import Stacks

from stackproof.evaluation.stack import Stack, resolve
from stackproof.foundation.document import Document
from stackproof.plan.operations import Plan


def complete(stacks: Stacks, template: Document, plan: Plan) -> list[str]:
    """Put in what moves data and messages between the regions; return what that was."""
    source = resolve(template, plan.pair.source)
    works: list[Callable[[Stacks, Stack], str]] = [_replicas, _replication, _subscriptions]
    return [work(stacks, source) for work in works]


def _replicas(stacks: Stacks, source: Stack) -> str:
    (table,) = [properties for _, properties in source.of_type("AWS::DynamoDB::GlobalTable")]
    wanted = [one["Region"] for one in table["Replicas"] if one["Region"] != stacks.source.region]
    updates = [{"Create": {"RegionName": region}} for region in wanted]
    stacks.source.client("dynamodb").update_table(TableName=table["TableName"], ReplicaUpdates=updates)
    return f"replicas of {table['TableName']} in {', '.join(wanted)}"


def _replication(stacks: Stacks, source: Stack) -> str:
    (bucket,) = [one for _, one in source.of_type("AWS::S3::Bucket") if "ReplicationConfiguration" in one]
    stated = bucket["ReplicationConfiguration"]
    rules = [{("ID" if key == "Id" else key): value for key, value in rule.items()} for rule in stated["Rules"]]
    role = f"arn:aws:iam::{stacks.source.account}:role/replication"
    configuration: Mapping[str, Any] = {"Role": role, "Rules": rules}
    stacks.source.client("s3").put_bucket_replication(
        Bucket=bucket["BucketName"], ReplicationConfiguration=configuration
    )
    return f"replication of {bucket['BucketName']}"


def _subscriptions(stacks: Stacks, source: Stack) -> str:
    (one,) = [
        one for _, one in source.of_type("AWS::SNS::Subscription") if one.get("Region", "") == stacks.target.region
    ]
    stacks.target.client("sns").subscribe(TopicArn=one["TopicArn"], Protocol="sqs", Endpoint=one["Endpoint"])
    return f"subscription of {one['Endpoint'].rpartition(':')[2]} to {one['TopicArn'].rpartition(':')[2]}"
