"""Events that AWS sends about a stack's resources: samples to try event patterns on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised

STRANGER = "of-somebody-else"
FAILED = ("FAILED", "ABORTED")
LATE = {"EXPIRED": ("Backup Job",), "PARTIAL": ("Backup Job", "Copy Job")}
"""States of jobs that did not begin in their window, or of which a part failed, and the jobs that can be in them.

Source: AWS Backup API Reference, "BackupJob", "CopyJob", "DescribeRestoreJob": the values of State and Status.
"""
ROLE = "arn:aws:iam::111111111111:role/of-somebody-else"


class Sample(NamedTuple):
    """An event about a resource; `bad` if it tells of a failure that nothing else would tell."""

    about: str
    what: str
    event: Mapping[str, Any]
    bad: bool = False


@memoised
def own(stack: Stack) -> tuple[Sample, ...]:
    """Return sample events about the resources of a stack."""
    return *changes(stack), *ends(stack), *executions(stack)


def ends(stack: Stack) -> Iterator[Sample]:
    """Give an event of each way in which a job of a stack's vaults ends."""
    name, attribute = stack.evaluator.references.ref, stack.evaluator.references.attribute
    for logical, _ in stack.of_type("AWS::Backup::BackupVault"):
        vault = attribute(logical, "BackupVaultArn")
        for state in (*FAILED, *LATE, "COMPLETED"):
            for what, detail in _jobs(vault, name(logical), state, _restorer(stack)).items():
                if what in LATE.get(state, (what,)):
                    event = _event(stack, "aws.backup", f"{what} State Change", detail)
                    yield Sample(logical, f"a {what} that is {state}", event, state != "COMPLETED")


RUN = "Step Functions Execution Status Change"
RUNS = {"FAILED": True, "TIMED_OUT": True, "ABORTED": False, "RUNNING": False, "SUCCEEDED": False}
"""The states of an execution, and which is a failure that only its event tells: somebody aborts one."""


def executions(stack: Stack) -> Iterator[Sample]:
    """Give an event of each state of an execution of a stack's state machines."""
    for logical, _ in stack.of_type("AWS::StepFunctions::StateMachine"):
        arn = stack.evaluator.references.attribute(logical, "Arn")
        for state, bad in RUNS.items():
            yield Sample(
                logical, f"an execution that is {state}", _event(stack, "aws.states", RUN, _run(arn, state)), bad
            )


def _run(machine: str, state: str) -> Mapping[str, Any]:
    """Source: Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge"."""
    name = "0b5a6d2e-0000-4000-8000-000000000000"
    return {
        "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
        "stateMachineArn": machine,
        "name": name,
        "status": state,
        "startDate": 1749106895000,
        "stopDate": None if state == "RUNNING" else 1749106896000,
        "input": "{}",
    }


def changes(stack: Stack) -> Iterator[Sample]:
    """Give an event of a change of how each bucket and table of a stack is set up."""
    name = stack.evaluator.references.ref
    for logical, _ in stack.of_type("AWS::S3::Bucket"):
        yield Sample(logical, "a change of the bucket", _call(stack, "s3", name(logical)))
    for logical, _ in stack.of_type("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        yield Sample(logical, "a change of the table", _call(stack, "dynamodb", name(logical)))


@memoised
def others(stack: Stack) -> tuple[Sample, ...]:
    """Return events that no pattern should match: about strangers' resources, and of data."""
    return *foreign(stack), *data_events(stack)


def foreign(stack: Stack) -> Iterator[Sample]:
    """Give the same kinds of events about resources that are not the stack's."""
    account, region = stack.scenario.account, stack.scenario.region
    vault = f"arn:{stack.scenario.partition.name}:backup:{region}:{account}:backup-vault:{STRANGER}"
    yield Sample(STRANGER, "a change of a bucket", _call(stack, "s3", STRANGER))
    yield Sample(STRANGER, "a change of a table", _call(stack, "dynamodb", STRANGER))
    machine = f"arn:{stack.scenario.partition.name}:states:{region}:{account}:stateMachine:{STRANGER}"
    yield Sample(STRANGER, "an execution", _event(stack, "aws.states", RUN, _run(machine, "FAILED")))
    for what, detail in _jobs(vault, STRANGER, "FAILED").items():
        yield Sample(STRANGER, f"a {what}", _event(stack, "aws.backup", f"{what} State Change", detail))


def data_events(stack: Stack) -> Iterator[Sample]:
    """Give events of reads and writes of the stack's data, of which there is one an object or row."""
    name = stack.evaluator.references.ref
    for logical, _ in stack.of_type("AWS::S3::Bucket"):
        event = _call(stack, "s3", name(logical), data=True)
        yield Sample(logical, "each object", event)
    for logical, _ in stack.of_type("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        event = _call(stack, "dynamodb", name(logical), data=True)
        yield Sample(logical, "each row", event)


KINDS = {"aws.s3": ("AWS API Call via CloudTrail",), "aws.dynamodb": ("AWS API Call via CloudTrail",), "aws.backup": (
    "Backup Job State Change", "Copy Job State Change", "Restore Job State Change"), "aws.states": (RUN,)}  # fmt: skip
"""The sources and detail types of which there are samples."""


def _event(stack: Stack, source: str, kind: str, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "version": "0",
        "id": "0b5a6d2e-0000-4000-8000-000000000000",
        "detail-type": kind,
        "source": source,
        "account": stack.scenario.account,
        "time": "2025-06-05T07:01:35Z",
        "region": stack.scenario.region,
        "resources": [],
        "detail": detail,
    }


CALLS = {"s3": ("bucketName", "PutBucketPolicy", "PutObject"), "dynamodb": ("tableName", "UpdateTable", "PutItem")}
"""Of a service the parameter that names a resource, a call that changes how it is set up, and one that writes data."""


def _call(stack: Stack, service: str, name: str, *, data: bool = False) -> Mapping[str, Any]:
    """Source: AWS CloudTrail User Guide, "CloudTrail record contents"; Amazon EventBridge User Guide, "AWS service
    events delivered via AWS CloudTrail"."""
    parameter, change, write = CALLS[service]
    return _event(
        stack,
        f"aws.{service}",
        "AWS API Call via CloudTrail",
        {
            "eventVersion": "1.11",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": write if data else change,
            "eventType": "AwsApiCall",
            "eventCategory": "Data" if data else "Management",
            "managementEvent": not data,
            "readOnly": False,
            "awsRegion": stack.scenario.region,
            "requestParameters": {parameter: name},
            "responseElements": None,
        },
    )


def _restorer(stack: Stack) -> str:
    """Return the role that restores the stack's backups, as far as the stack has one."""
    selections = stack.of_type("AWS::Backup::RestoreTestingSelection")
    return next((str(properties.get("IamRoleArn")) for _, properties in selections), ROLE)


def _jobs(vault: str, name: str, state: str, restorer: str = ROLE) -> Mapping[str, Mapping[str, Any]]:
    """Return the details of a job of each kind: a backup's and a copy's end is its state, a restore's its status.

    Source: AWS Backup Developer Guide, "Monitoring AWS Backup events using Amazon EventBridge".
    """
    return {
        "Backup Job": {"backupVaultArn": vault, "backupVaultName": name, "iamRoleArn": ROLE, "state": state},
        "Copy Job": {
            "sourceBackupVaultArn": vault,
            "destinationBackupVaultArn": vault,
            "iamRoleArn": ROLE,
            "state": state,
        },
        "Restore Job": {"backupVaultArn": vault, "iamRoleArn": restorer, "status": state},
    }
