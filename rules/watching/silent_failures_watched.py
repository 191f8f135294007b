"""What can fail without anybody noticing has an alarm or an event rule.

A consumer that fails or falls behind loses records when their time in the stream ends (Lambda's Errors tell of failing,
as does an alarm on the function's own metric that takes silence for failure); what a mapping discards or
drops, an object that is not replicated, a backup, copy or restore test that fails, an execution of a state machine that
fails or takes too long: none of them is an error of anything that is called.
Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
pack: resilience
severity: info
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackproof.api import Deployment, Finding, Path, Stack, as_mapping, properties_path
from stackproof.aws.metrics import watched
from stackproof.monitoring.event_patterns import matches
from stackproof.monitoring.sample_events import Sample, own
from stackproof.topology.event_sources import consumers

APPLIES_TO = (
    "AWS::Lambda::EventSourceMapping",
    "AWS::S3::Bucket",
    "AWS::Backup::BackupVault",
    "AWS::StepFunctions::StateMachine",
)
EXECUTIONS = {"FAILED": "ExecutionsFailed", "TIMED_OUT": "ExecutionsTimedOut"}
STREAMS = ("AWS::Kinesis::Stream", "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
Watch = tuple[str, frozenset[tuple[str, str]]]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        seen = {
            (metric.name, frozenset(metric.dimensions.items()))
            for logical, properties in stack.of_type("AWS::CloudWatch::Alarm")
            for metric in watched(logical, properties)
            if properties.get("AlarmActions")
        }
        for path, what, watches in (*of_consumers(stack), *of_replication(stack)):
            if not seen.intersection(watches):
                where = ", ".join(f"{name} {value}" for name, value in sorted(watches[0][1]))
                yield stack.finding(
                    path, f"no alarm tells {what}: {watches[0][0]} of {where}", "add an alarm with an action"
                )
        yield from of_backups(stack)
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


def silences(stack: Stack) -> Iterator[Watch]:
    """Give what alarms watch that go off where a function of this stack no longer says that it did its work."""
    for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
        less = str(properties.get("ComparisonOperator")).startswith("LessThan")
        if less and properties.get("TreatMissingData") == "breaching":
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
