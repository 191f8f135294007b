"""What can fail without anybody noticing has an alarm or an event rule.

A consumer that fails or falls behind loses records when their time in the stream ends (Lambda's Errors tell of failing,
as does an alarm on the function's own metric that takes silence for failure); what a mapping discards or
drops, an object that is not replicated, a backup, copy or restore test that fails, an execution of a state machine that
fails or takes too long: none of them is an error of anything that is called. Nor is a row that reaches a replica of a
global table late, a message that waits in a queue until it is deleted, what a schedule or an event rule could not put
into a full shard, or a backup that never begins: of that last one there is no event, and only the silence tells.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, properties_path, resource_of
from stackproof.aws.metrics import watched
from stackproof.monitoring.delivery import subscriptions
from stackproof.monitoring.event_patterns import matches
from stackproof.monitoring.sample_events import Sample, own
from stackproof.topology.event_sources import consumers

APPLIES_TO = (
    "AWS::Lambda::EventSourceMapping",
    "AWS::S3::Bucket",
    "AWS::Backup::BackupVault",
    "AWS::StepFunctions::StateMachine",
    "AWS::DynamoDB::GlobalTable",
    "AWS::SQS::Queue",
)
EXECUTIONS = {"FAILED": "ExecutionsFailed", "TIMED_OUT": "ExecutionsTimedOut"}
STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
WAITING = ("ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent")
Watch = tuple[str, frozenset[tuple[str, str]]]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        seen = {
            (metric.name, frozenset(metric.dimensions.items()))
            for logical, properties in stack.of_type("AWS::CloudWatch::Alarm")
            for metric in watched(logical, properties)
            if properties.get("AlarmActions")
        }
        for path, what, watches in (*of_consumers(stack), *of_replication(stack), *of_tables(stack), *of_queues(stack),
                                    *of_full_streams(stack)):  # fmt: skip
            if not seen.intersection(watches):
                where = ", ".join(f"{name} {value}" for name, value in sorted(watches[0][1]))
                yield stack.finding(
                    path, f"no alarm tells {what}: {watches[0][0]} of {where}", "add an alarm with an action"
                )
        yield from of_backups(stack)
        yield from of_missing_backups(stack)
        yield from of_state_machines(stack, seen)


def of_consumers(stack: Stack) -> Iterator[tuple[Path, str, Sequence[Watch]]]:
    ref = stack.evaluator.references.ref
    for consumer in consumers(stack, *STREAMS):
        path: Path = ("Resources", consumer.mapping)
        function = frozenset({("FunctionName", str(ref(consumer.function)))})
        stream = frozenset({("StreamName", str(ref(consumer.source)))})
        mapping = frozenset({("EventSourceMappingUUID", str(ref(consumer.mapping)))})
        ages = (("IteratorAge", function), ("GetRecords.IteratorAgeMilliseconds", stream))
        yield path, f"that {consumer.function} falls behind {consumer.source}", ages
        yield path, f"that {consumer.function} fails", (("Errors", function), *silences(stack))
        yield path, f"that {consumer.mapping} drops records", (("DroppedEventCount", mapping),)
        if consumer.properties.get("DestinationConfig", {}).get("OnFailure"):
            name = "OnFailureDestinationDeliveredEventCount"
            yield path, f"that {consumer.mapping} discards records", ((name, mapping),)


def of_tables(stack: Stack) -> Iterator[tuple[Path, str, Sequence[Watch]]]:
    for logical, properties in stack.of_type("AWS::DynamoDB::GlobalTable"):
        name = str(stack.evaluator.references.ref(logical))
        for replica in as_list(properties.get("Replicas", [])):
            region = str(as_mapping(replica).get("Region"))
            if region != stack.scenario.region:
                watch = ("ReplicationLatency", frozenset({("TableName", name), ("ReceivingRegion", region)}))
                yield ("Resources", logical), f"that rows of {logical} reach {region} late", (watch,)


def of_queues(stack: Stack) -> Iterator[tuple[Path, str, Sequence[Watch]]]:
    """Give the queues that a service of this stack sends to, dead-letter queues among them."""
    sent = {resource_of(stack, to, "AWS::SQS::Queue") for to in receivers(stack)} - {None}
    for logical, properties in stack.of_type("AWS::SQS::Queue"):
        if logical in sent:
            name = str(properties.get("QueueName") or stack.evaluator.references.attribute(logical, "QueueName"))
            queue = frozenset({("QueueName", name)})
            waits = tuple((metric, queue) for metric in WAITING)
            yield ("Resources", logical), f"that messages wait in {logical} and nobody takes them", waits


def receivers(stack: Stack) -> Iterator[str]:
    """Give the ARNs of what topics, event rules, schedules and functions send messages and dead letters to."""
    for subscription in subscriptions(stack):
        yield str(subscription.properties.get("Endpoint"))
    for _, properties in stack.of_type("AWS::Lambda::Function"):
        yield str(as_mapping(properties.get("DeadLetterConfig")).get("TargetArn"))
    for target in targets(stack):
        yield str(target.get("Arn"))
        yield str(as_mapping(target.get("DeadLetterConfig")).get("Arn"))


def targets(stack: Stack) -> Iterator[Mapping[str, Any]]:
    for _, properties in stack.of_type("AWS::Events::Rule"):
        yield from map(as_mapping, as_list(properties.get("Targets", [])))
    for _, properties in stack.of_type("AWS::Scheduler::Schedule"):
        yield as_mapping(properties.get("Target"))


def of_full_streams(stack: Stack) -> Iterator[tuple[Path, str, Sequence[Watch]]]:
    """Give the streams that a schedule or an event rule puts records into: it tries for a while, then drops them."""
    put_into = {resource_of(stack, str(target.get("Arn")), "AWS::Kinesis::Stream") for target in targets(stack)}
    for logical, properties in stack.of_type("AWS::Kinesis::Stream"):
        mode = as_mapping(properties.get("StreamModeDetails")).get("StreamMode", "PROVISIONED")
        if logical in put_into and mode == "PROVISIONED":
            stream = frozenset({("StreamName", str(stack.evaluator.references.ref(logical)))})
            watches = (("WriteProvisionedThroughputExceeded", stream), ("PutRecord.Success", stream))
            yield ("Resources", logical), f"that {logical} refuses records", watches


def of_missing_backups(stack: Stack) -> Iterator[Finding]:
    """Find vaults of plans without an alarm that goes off where no backup is completed."""
    missed = {
        metric.dimensions.get("BackupVaultName")
        for logical, properties in stack.of_type("AWS::CloudWatch::Alarm")
        for metric in watched(logical, properties)
        if metric.name == "NumberOfBackupJobsCompleted" and tells_silence(properties) and properties.get("AlarmActions")
    }
    planned = {
        str(rule.get("TargetBackupVault"))
        for _, properties in stack.of_type("AWS::Backup::BackupPlan")
        for rule in as_list(as_mapping(properties.get("BackupPlan")).get("BackupPlanRule", []))
        if isinstance(rule, Mapping)
    }
    for logical, _ in stack.of_type("AWS::Backup::BackupVault"):
        name = str(stack.evaluator.references.ref(logical))
        if name in planned and name not in missed:
            message = f"no alarm tells that no backup reached {logical}: NumberOfBackupJobsCompleted of {name}"
            fix = "add an alarm of LessThanThreshold 1 that treats missing data as breaching"
            yield stack.finding(("Resources", logical), message, fix)


def tells_silence(alarm: Mapping[str, Any]) -> bool:
    less = str(alarm.get("ComparisonOperator")).startswith("LessThan")
    return less and alarm.get("TreatMissingData") == "breaching"


def silences(stack: Stack) -> Iterator[Watch]:
    """Give what alarms watch that go off where a function of this stack no longer says that it did its work."""
    for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
        if tells_silence(properties):
            for metric in watched(logical, properties):
                if not metric.namespace.startswith("AWS/"):
                    yield metric.name, frozenset(metric.dimensions.items())


def of_replication(stack: Stack) -> Iterator[tuple[Path, str, Sequence[Watch]]]:
    for logical, properties in stack.of_type("AWS::S3::Bucket"):
        for index, rule in enumerate(properties.get("ReplicationConfiguration", {}).get("Rules", [])):
            path: Path = properties_path(logical, "ReplicationConfiguration", "Rules", index)
            dimensions = {
                "SourceBucket": str(stack.evaluator.references.ref(logical)),
                "DestinationBucket": str(rule["Destination"]["Bucket"]).rpartition(":")[2],
                "RuleId": str(rule.get("Id")),
            }
            if rule.get("Status") == "Enabled":
                watch = ("OperationsFailedReplication", frozenset(dimensions.items()))
                yield path, f"that objects of {logical} are not replicated", (watch,)


def of_state_machines(stack: Stack, seen: set[Watch]) -> Iterator[Finding]:
    """Give a finding for each way that an execution fails, of which neither an event rule nor an alarm tells."""
    for sample in own(stack):
        state = sample.event["detail"].get("status")
        if sample.bad and sample.event["source"] == "aws.states" and not is_reported(stack, sample):
            machine = str(sample.event["detail"]["stateMachineArn"])
            if (EXECUTIONS[state], frozenset({("StateMachineArn", machine)})) not in seen:
                message = f"neither an event rule nor an alarm tells {sample.what} of {sample.about}"
                yield stack.finding(("Resources", sample.about), message, "add a rule with a target")


def is_reported(stack: Stack, sample: Sample) -> bool:
    rules = [rule for _, rule in stack.of_type("AWS::Events::Rule") if rule.get("Targets") and "EventPattern" in rule]
    return any(
        matches(as_mapping(rule["EventPattern"]), sample.event) for rule in rules if rule.get("State") != "DISABLED"
    )


def of_backups(stack: Stack) -> Iterator[Finding]:
    """Give a finding for each way that a job of a vault can fail, which no rule with a target matches."""
    kinds = ["Backup Job"] if any(stack.of_type("AWS::Backup::BackupPlan")) else []
    kinds += ["Copy Job"] if kinds else []
    kinds += ["Restore Job"] if any(stack.of_type("AWS::Backup::RestoreTestingPlan")) else []
    for sample in own(stack):
        kind = sample.event["detail-type"].removesuffix(" State Change")
        if sample.bad and kind in kinds and not is_reported(stack, sample):
            path: Path = ("Resources", sample.about)
            yield stack.finding(
                path, f"no event rule tells {sample.what} of {sample.about}", "add a rule with a target"
            )
