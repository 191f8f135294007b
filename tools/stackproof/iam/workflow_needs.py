"""What the state machines of a stack need of their roles, and of the roles that they pass on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.sdk_services import prefix
from stackproof.code.state_machines import State, StateMachine, all_states, argument, literal, state_machines
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list, is_true, properties_path
from stackproof.iam.integrations import Access, Integration, UnknownCallError, accesses, filled, integration
from stackproof.iam.need import Need, UnknownNeed, of_role, role_of
from stackproof.iam.statements import of_roles
from stackproof.topology.resource_index import resources_by_name
from stackproof.topology.texts import texts

LOGGING = (
    # Step Functions Developer Guide, "Using CloudWatch Logs to log execution history", "IAM Policies for logging".
    "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
)  # fmt: skip
TRACING = (
    # Step Functions Developer Guide, "X-Ray IAM policies for Step Functions".
    "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
)  # fmt: skip
EACH_ITEM = ("states:DescribeExecution", "states:StopExecution")
"""What a distributed map does with its child executions.

Source: Step Functions Developer Guide, "IAM policies for using Distributed Map states".
"""


class Passed(NamedTuple):
    """A role of the stack that a task passes on, to which service, and where; `call` is what it is passed with."""

    role: str
    service: str
    path: Path
    state: State
    call: Integration


def of_workflows(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what state machines need: their logs, traces and keys, and what each of their states calls."""
    for machine in state_machines(stack):
        role = role_of(stack, machine.role)
        if role:
            yield from of_role(role, _of_machine(stack, machine, role))
            for state in all_states(machine):
                yield from of_role(role, _of_state(stack, machine, state, role))
    for passed in passed_roles(stack):
        yield from of_role(passed.role, _of_passed(stack, passed))


def _of_machine(stack: Stack, machine: StateMachine, role: str) -> Iterator[Need]:
    properties = stack.resources[machine.logical].get("Properties", {})
    logging, path = properties.get("LoggingConfiguration", {}), properties_path(machine.logical)
    if logging.get("Destinations") and logging.get("Level", "OFF") != "OFF":
        for action in LOGGING:
            yield Need(role, action, "*", f"the log of {machine.logical}", (*path, "LoggingConfiguration"))
    if is_true(properties.get("TracingConfiguration", {}).get("Enabled", False)):
        for action in TRACING:
            yield Need(role, action, "*", f"the traces of {machine.logical}", (*path, "TracingConfiguration"))
    key = properties.get("EncryptionConfiguration", {}).get("KmsKeyId")
    for action in ("kms:Decrypt", "kms:GenerateDataKey") if key else ():
        # Step Functions Developer Guide, "Data at rest encryption", permissions of the execution role.
        why = f"the executions of {machine.logical}, which the key encrypts,"
        yield Need(role, action, str(key), why, (*path, "EncryptionConfiguration"))
    if machine.unread or machine.malformed:
        message = f"the definition of {machine.logical} cannot be read: {machine.unread or machine.malformed}"
        raise stack.cannot_tell(machine.path, message, "write it into the template, as Definition")


def _of_state(stack: Stack, machine: StateMachine, state: State, role: str) -> Iterator[Need]:
    own = str(stack.evaluator.references.attribute(machine.logical, "Arn"))
    path, why = machine.at(*state.path), f"{state.name} of {machine.logical}"
    try:
        for access in _accesses(stack, state, own):
            need = Need(role, access.action, access.resource, why, path, context=_context(state, access))
            yield from _held(stack, need, access)
    except UnknownCallError as unknown:
        raise stack.cannot_tell(path, f"what {why} needs is not known: {unknown.what}", unknown.fix) from None


def _accesses(stack: Stack, state: State, own: str) -> Iterator[Access]:
    if state.value.get("Type") == "Map":
        yield from _distributed(stack, state, own)
    if state.value.get("Type") != "Task":
        return
    if "Credentials" in state.value:
        # The call is made with another role's rights. Source: "Accessing resources in other AWS accounts".
        assumed = literal(state.value["Credentials"].get("RoleArn"), state.language)
        if not isinstance(assumed, str):
            raise UnknownCallError("only a run tells which role it assumes", "name the role")
        yield Access("sts:AssumeRole", assumed)
        return
    yield from accesses(stack, state, own)
    for arn in role_arns(stack, state):
        yield Access("iam:PassRole", arn)


def _distributed(stack: Stack, state: State, own: str) -> Iterator[Access]:
    inner = state.value.get("ItemProcessor", state.value.get("Iterator", {}))
    if inner.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        yield Access("states:StartExecution", own)
        for action in EACH_ITEM:
            yield Access(action, f"{own.replace(':stateMachine:', ':execution:')}:*")
    for key in ("ItemReader", "ResultWriter"):
        if "Resource" in state.value.get(key, {}):
            yield from accesses(stack, state._replace(value=state.value[key]), own)


def _context(state: State, access: Access) -> Mapping[str, str]:
    """Return the condition keys of a request, as far as they are known."""
    if access.action == "iam:PassRole":
        called = integration(str(state.value.get("Resource", "")))
        return {"iam:PassedToService": receiver(called)} if called else {}
    if access.action != "events:PutEvents":
        return {}
    entries = as_list(argument(state, "Entries")[1])
    entry = entries[access.item] if access.item < len(entries) else None
    named = {"events:source": "Source", "events:detail-type": "DetailType"}
    stated = {key: literal(entry.get(name), state.language) for key, name in named.items()} if entry else {}
    return {key: value for key, value in stated.items() if isinstance(value, str)}


def _held(stack: Stack, need: Need, access: Access) -> Iterator[Need]:
    """Give a need; one on a resource that only a run tells is what the role allows of its pattern, at least one."""
    granted = [
        resource
        for statement in of_roles(stack).get(need.role, ())
        if statement.effect == "Allow" and any(covers(action, need.action, fold=True) for action in statement.actions)
        for resource in statement.resources
        if access.open and covers(access.resource, resource)
    ]
    for resource in granted or [access.resource]:
        yield Need(need.role, need.action, resource, need.why, need.path, context=need.context)


def receiver(called: Integration) -> str:
    """Return the service that the roles go to which an integration is given."""
    return str(called.fact("passed_to") or f"{prefix(called.service) if called.sdk else called.service}.amazonaws.com")


def role_arns(stack: Stack, state: State) -> list[str]:
    """Return the ARNs of roles that a task passes on: those in its arguments, those of what its arguments name."""
    known = resources_by_name(stack, "AWS::IAM::Role")
    stated = [text for _, text in texts(state.arguments())]
    called = integration(str(state.value.get("Resource", "")))
    for parameter, kind in ((called.fact("roles_of") or {}) if called else {}).items():
        named = resources_by_name(stack, kind).get(str(argument(state, parameter)[1]), "")
        if not named:
            raise UnknownCallError(f"which roles its {parameter} brings is not known", f"name a {kind} of the stack")
        stated += [text for _, text in texts(stack.resources[named].get("Properties", {})) if text.startswith("arn:")]
    return list(
        dict.fromkeys(text for text in stated if text.startswith("arn:") and (text in known or ":role/" in text))
    )


@memoised
def passed_roles(stack: Stack) -> tuple[Passed, ...]:
    """Return the roles of the stack that its state machines pass on in the arguments of calls."""
    known = resources_by_name(stack, "AWS::IAM::Role")
    return tuple(
        Passed(known[arn], receiver(called), machine.at(*state.path), state, called)
        for machine in state_machines(stack)
        for state in all_states(machine)
        for called in [integration(str(state.value.get("Resource", "")))]
        if called and not called.fact("roles_of")
        for arn in dict.fromkeys(text for _, text in texts(state.arguments()))
        if arn in known and arn.startswith("arn:")
    )


def _of_passed(stack: Stack, passed: Passed) -> Iterator[Need]:
    """Give what a service needs of a role that it is passed."""
    operation = argument(passed.state, "Operation")[1]
    if passed.call.service != "s3control" or not isinstance(operation, Mapping) or "S3ReplicateObject" not in operation:
        why = f"what {passed.service} needs of {passed.role}, which {passed.state.name} passes, is not known"
        raise stack.cannot_tell(passed.path, why, "add it to iam/workflow_needs.py")
    try:
        yield from _batch_replication(stack, passed)
    except UnknownCallError as unknown:
        raise stack.cannot_tell(passed.path, f"what {passed.role} needs is not known: {unknown.what}") from None


BATCH_REPLICATION: Mapping[str, tuple[tuple[str, str], ...]] = {
    # Amazon S3 User Guide, "Configuring an IAM role for S3 Batch Replication": for a manifest that S3 generates, for
    # one that is supplied, for the report.
    "ManifestGenerator.S3JobManifestGenerator.SourceBucket": (
        ("s3:InitiateReplication", "/*"), ("s3:GetReplicationConfiguration", ""), ("s3:PutInventoryConfiguration", ""),
    ),
    "ManifestGenerator.S3JobManifestGenerator.ManifestOutputLocation.Bucket": (
        ("s3:GetObject", "/{ManifestGenerator.S3JobManifestGenerator.ManifestOutputLocation.ManifestPrefix=}/*"),
        ("s3:GetObjectVersion", "/{ManifestGenerator.S3JobManifestGenerator.ManifestOutputLocation.ManifestPrefix=}/*"),
        ("s3:PutObject", "/{ManifestGenerator.S3JobManifestGenerator.ManifestOutputLocation.ManifestPrefix=}/*"),
    ),
    "Manifest.Location.ObjectArn": (("s3:GetObject", ""), ("s3:GetObjectVersion", "")),
    "Report.Bucket": (("s3:PutObject", "/{Report.Prefix=}/*"),),
}  # fmt: skip


def _batch_replication(stack: Stack, passed: Passed) -> Iterator[Need]:
    why = f"the job that {passed.state.name} creates"
    for field, wanted in BATCH_REPLICATION.items():
        for name, end in wanted:
            try:
                found = list(filled(stack, passed.state, name, f"{{{field}}}"))
            except UnknownCallError:
                continue
            for access in found:
                if access.open:
                    raise UnknownCallError(f"only a run tells {field}", f"name {field}")
                for part in filled(stack, passed.state, name, f"{access.resource}{end}"):
                    yield Need(passed.role, name, part.resource, why, passed.path)
