"""The metrics that services publish, with the dimensions that each has, and those that an alarm watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.foundation.finding import Path

DAY = 86_400


class Metric(NamedTuple):
    """A metric as something watches it: `path` is where, `period` in seconds if it is stated."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    path: Path
    period: int | None = None
    region: str = ""

    def __str__(self) -> str:
        given = ", ".join(f"{name} {value}" for name, value in self.dimensions.items())
        return f"{self.namespace} {self.name} of {given or 'nothing'}"


def _of(dimensions: str, *names: str) -> dict[tuple[str, frozenset[str]], None]:
    """Return a row for each metric with these dimensions."""
    return {(name, frozenset(dimensions.split())): None for text in names for name in text.split()}


REPLICATED = "SourceBucket DestinationBucket RuleId"
PUBLISHED: Mapping[str, Mapping[tuple[str, frozenset[str]], None]] = {
    # Lambda Developer Guide, "Types of metrics for Lambda functions"; those by mapping are published where its
    # MetricsConfig says EventCount.
    "AWS/Lambda": {
        **_of(
            "FunctionName",
            "AsyncEventAge AsyncEventsDropped AsyncEventsReceived ConcurrentExecutions DeadLetterErrors",
            "DestinationDeliveryFailures Duration Errors Invocations IteratorAge RecursiveInvocationsDropped Throttles",
        ),
        **_of("", "ConcurrentExecutions Errors Invocations Throttles UnreservedConcurrentExecutions"),
        **_of(
            "EventSourceMappingUUID",
            "DeletedEventCount DroppedEventCount FailedInvokeEventCount FilteredOutEventCount InvokedEventCount",
            "OnFailureDestinationDeliveredEventCount PolledEventCount",
        ),
    },
    # Amazon Kinesis Data Streams Developer Guide, "Monitor the Amazon Kinesis Data Streams service with Amazon
    # CloudWatch", stream-level metrics
    "AWS/Kinesis": _of(
        "StreamName",
        "GetRecords.Bytes GetRecords.IteratorAgeMilliseconds GetRecords.Latency GetRecords.Records GetRecords.Success",
        "IncomingBytes IncomingRecords PutRecord.Bytes PutRecord.Latency PutRecord.Success PutRecords.Bytes",
        "PutRecords.FailedRecords PutRecords.Latency PutRecords.SuccessfulRecords PutRecords.ThrottledRecords",
        "PutRecords.TotalRecords ReadProvisionedThroughputExceeded WriteProvisionedThroughputExceeded",
    ),
    # Amazon DynamoDB Developer Guide, "DynamoDB Metrics and dimensions"
    "AWS/DynamoDB": {
        **_of(
            "TableName",
            "ConditionalCheckFailedRequests ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ReadThrottleEvents",
            "ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits TimeToLiveDeletedItemCount",
            "TransactionConflict WriteThrottleEvents",
        ),
        **_of(
            "TableName GlobalSecondaryIndexName",
            "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ReadThrottleEvents WriteThrottleEvents",
        ),
        **_of("TableName Operation", "SuccessfulRequestLatency SystemErrors ThrottledRequests"),
        **_of("TableName ReceivingRegion", "PendingReplicationCount ReplicationLatency"),
        **_of("", "UserErrors"),
    },
    # Amazon S3 User Guide, "Metrics and dimensions": storage once a day, replication where its metrics are enabled
    "AWS/S3": {
        **_of("BucketName StorageType", "BucketSizeBytes NumberOfObjects"),
        **_of(
            REPLICATED,
            "BytesPendingReplication OperationsFailedReplication OperationsPendingReplication ReplicationLatency",
        ),
    },
    # Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS"
    "AWS/SQS": _of(
        "QueueName",
        "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible NumberOfEmptyReceives NumberOfMessagesDeleted NumberOfMessagesReceived",
        "NumberOfMessagesSent SentMessageSize",
    ),
    # Amazon SNS Developer Guide, "Monitoring Amazon SNS topics using CloudWatch"
    "AWS/SNS": _of(
        "TopicName",
        "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed PublishSize",
    ),
    # Amazon EventBridge User Guide, "Monitoring Amazon EventBridge"
    "AWS/Events": _of("RuleName", "FailedInvocations Invocations MatchedEvents ThrottledRules TriggeredRules"),
    # AWS Backup Developer Guide, "AWS Backup metrics with CloudWatch"
    "AWS/Backup": {
        **_of(
            "BackupVaultName",
            "NumberOfBackupJobsAborted NumberOfBackupJobsCompleted NumberOfBackupJobsExpired NumberOfBackupJobsFailed",
            "NumberOfCopyJobsCompleted NumberOfCopyJobsFailed",
        ),
        **_of("ResourceType", "NumberOfRestoreJobsCompleted NumberOfRestoreJobsFailed"),
    },
    # AWS Step Functions Developer Guide, "Monitoring Step Functions metrics using Amazon CloudWatch"
    "AWS/States": _of(
        "StateMachineArn",
        "ExecutionsAborted ExecutionsFailed ExecutionsStarted ExecutionsSucceeded ExecutionsTimedOut ExecutionTime",
    ),
    # Amazon VPC User Guide, "NAT gateway metrics and dimensions"
    "AWS/NATGateway": _of(
        "NatGatewayId",
        "ActiveConnectionCount BytesInFromDestination BytesOutToDestination ErrorPortAllocation PacketsDropCount",
    ),
    # Amazon Route 53 Developer Guide, "Monitoring health checks using CloudWatch" (in us-east-1 only)
    "AWS/Route53": _of("HealthCheckId", "HealthCheckPercentageHealthy HealthCheckStatus"),
}
NAMED_BY: Mapping[str, tuple[str, ...]] = {
    # The types whose names the values of a dimension are.
    "BackupVaultName": ("AWS::Backup::BackupVault",),
    "BucketName": ("AWS::S3::Bucket",),
    "EventSourceMappingUUID": ("AWS::Lambda::EventSourceMapping",),
    "FunctionName": ("AWS::Lambda::Function",),
    "HealthCheckId": ("AWS::Route53::HealthCheck",),
    "NatGatewayId": ("AWS::EC2::NatGateway",),
    "QueueName": ("AWS::SQS::Queue",),
    "RuleName": ("AWS::Events::Rule",),
    "SourceBucket": ("AWS::S3::Bucket",),
    "StateMachineArn": ("AWS::StepFunctions::StateMachine",),
    "StreamName": ("AWS::Kinesis::Stream",),
    "TableName": ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"),
    "TopicName": ("AWS::SNS::Topic",),
}
COUNTS = frozenset(
    name
    for name, _ in _of(
        "",
        "AsyncEventsDropped ConditionalCheckFailedRequests DeadLetterErrors DestinationDeliveryFailures Errors",
        "DroppedEventCount ExecutionsAborted ExecutionsFailed ExecutionsTimedOut FailedInvocations Throttles",
        "FailedInvokeEventCount NumberOfBackupJobsAborted NumberOfBackupJobsFailed NumberOfCopyJobsFailed UserErrors",
        "NumberOfNotificationsFailed NumberOfRestoreJobsFailed OnFailureDestinationDeliveredEventCount SystemErrors",
        "OperationsFailedReplication PutRecords.FailedRecords ReadProvisionedThroughputExceeded ReadThrottleEvents",
        "ThrottledRequests WriteProvisionedThroughputExceeded WriteThrottleEvents",
    )
)
"""Metrics that count what went wrong: they are added up."""
LAGS = (
    "ApproximateAgeOfOldestMessage",
    "AsyncEventAge",
    "GetRecords.IteratorAgeMilliseconds",
    "IteratorAge",
    "ReplicationLatency",
)
"""Metrics of how far something is behind: the worst counts."""
SLOW = ("BucketSizeBytes", "NumberOfObjects")
"""Metrics of one point a day."""


def watched(logical: str, properties: Mapping[str, Any]) -> Iterator[Metric]:
    """Give the metrics that an alarm watches, alone or in an expression."""
    path: Path = ("Resources", logical, "Properties")
    if "MetricName" in properties:
        yield _metric(properties, path, properties.get("Period"))
    for index, query in enumerate(properties.get("Metrics", [])):
        if "MetricStat" in query:
            inner = query["MetricStat"]
            yield _metric(inner["Metric"], (*path, "Metrics", index, "MetricStat", "Metric"), inner.get("Period"))


def _metric(properties: Mapping[str, Any], path: Path, period: Any) -> Metric:
    dimensions = {str(one["Name"]): str(one["Value"]) for one in properties.get("Dimensions", [])}
    return Metric(
        str(properties.get("Namespace", "")),
        str(properties["MetricName"]),
        dimensions,
        path,
        int(period) if period is not None else None,
    )
