"""What the commands of stackproof call themselves, with the credentials of who runs them.

`plan` calls nothing. CloudFormation makes resources as who calls it, as `deploy` names no role for it: its caller needs
what the template needs as well, unless a StackSet deploys, which has a role for that.
Source: CloudFormation User Guide, "CloudFormation service role"; Service Authorization Reference, AWS CloudFormation;
AWS STS API Reference, "GetCallerIdentity" (needs no permission).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.aws.data import facts
from stackproof.aws.iam_actions import action
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.values import as_list
from stackproof.permissions.arn_patterns import own_arns
from stackproof.permissions.required import Reason, Required, owned
from stackproof.template.body import FOLDER

COMMANDS = ("preflight", "plan", "deploy", "destroy", "outputs", "redrive")
ANY, STACK, SET, NAMED, TEMPLATES, TARGETS = "any", "stack", "stack set", "named", "templates", "targets"
"""What a call is on: `*`; both stacks; the StackSet; what the stacks name of the kinds; the bucket for templates; the
buckets that replicas go to."""


class OwnCall(NamedTuple):
    """A call of boto3: client and operation, and what it is on."""

    client: str
    operation: str
    on: str


def _on(client: str, on: str, *operations: str) -> tuple[OwnCall, ...]:
    return tuple(OwnCall(client, operation, on) for operation in operations)


WHO = _on("sts", ANY, "get_caller_identity")
LOOK = _on("cloudformation", STACK, "describe_stacks")
FOLLOW = (*LOOK, *_on("cloudformation", STACK, "describe_stack_events", "describe_events", "delete_stack"))
CHANGE = (*FOLLOW, *_on("cloudformation", STACK, "create_change_set", "describe_change_set", "execute_change_set"))
CHANGE = (*CHANGE, *_on("cloudformation", STACK, "delete_change_set"))
FIND_BUCKET = _on("cloudformation", ANY, "describe_stacks")
FORECAST = (*LOOK, *_on("cloudformation", STACK, "get_template"))
"""What is read of a stack to say beforehand what its update does."""
UPLOAD = (*FIND_BUCKET, *_on("s3", TEMPLATES, "head_bucket", "put_object", "get_object"))
"""CloudFormation gets a template that is sent by URL as who calls it: nothing in this package calls get_object for it.

Source: CloudFormation API Reference, "CreateChangeSet", TemplateURL.
"""
PREFLIGHT = (
    *FIND_BUCKET,
    *_on("cloudformation", STACK, "describe_stacks", "list_stack_resources"),
    *_on("ec2", ANY, "describe_regions", "describe_subnets"),
    *_on("s3", NAMED, "head_bucket"),
    *_on("s3", TARGETS, "head_bucket"),
    *_on("s3", ANY, "list_buckets"),
    *_on("service-quotas", ANY, "get_service_quota"),
    *_on("lambda", ANY, "get_account_settings"),
    *_on("backup", ANY, "describe_region_settings"),
    *_on("cloudtrail", ANY, "describe_trails", "get_trail_status", "get_event_selectors"),
    *(OwnCall(row["client"], row["operation"], ANY) for row in facts("account", "used").values()),
    *(
        OwnCall(row["client"], row["operation"], ANY if "key" in row else NAMED)
        for row in facts("account", "look").values()
    ),
)
REDRIVE = (
    *_on("s3", NAMED, "list_objects_v2", "get_object", "copy_object", "delete_object"),
    *_on("kinesis", NAMED, "put_records"),
)
CALLS: Mapping[str, tuple[OwnCall, ...]] = {
    "preflight": (*WHO, *PREFLIGHT),
    "plan": (),
    "deploy": (*WHO, *PREFLIGHT, *FORECAST, *CHANGE, *UPLOAD),
    "destroy": (*WHO, *CHANGE, *UPLOAD),
    "outputs": (*WHO, *LOOK),
    "redrive": (*WHO, *LOOK, *REDRIVE),
}
INSTANCE = _on("cloudformation", SET, "describe_stack_instance")
SET_LOOK = (*INSTANCE, *_on("cloudformation", SET, "describe_stack_set", "describe_stack_set_operation"))
SET_LOOK = (*SET_LOOK, *_on("cloudformation", SET, "list_stack_set_operation_results"))
INSTANCES = _on("cloudformation", SET, "update_stack_instances")
WITH_STACK_SET: Mapping[str, tuple[OwnCall, ...]] = {
    "preflight": (*INSTANCE, *_on("iam", ANY, "get_role")),
    "deploy": (
        *SET_LOOK,
        *INSTANCES,
        *_on("iam", ANY, "get_role"),
        *_on("cloudformation", SET, "create_stack_set", "update_stack_set", "create_stack_instances"),
    ),
    "destroy": (*SET_LOOK, *INSTANCES, *_on("cloudformation", SET, "delete_stack_instances", "delete_stack_set")),
    "outputs": INSTANCE,
    "redrive": INSTANCE,
}
"""What they call beside that, or in its place, with --stack-set."""
PREFIXES: Mapping[str, str] = {"service-quotas": "servicequotas"}
COPIES = ("GetObject", "PutObject")
"""What CopyObject is allowed by. Source: Amazon S3 API Reference, "CopyObject"."""


def actions_of(call: OwnCall) -> tuple[str, ...]:
    """Return the actions that allow a call; raise CannotTell for one that IAM does not know."""
    prefix = PREFIXES.get(call.client, call.client)
    if call.client == "sts":
        return ()
    methods = facts("services", "actions").get(prefix, {})
    verbs = methods.get(call.operation) or ([*COPIES] if call.operation == "copy_object" else [])
    names = [f"{prefix}:{verb}" for verb in verbs or [call.operation.title().replace("_", "")]]
    found = [action(name) for name in names]
    if not all(found):
        raise CannotTell(f"IAM has no action for {call.client} {call.operation}", fix="add a row to services.yaml")
    return tuple(known.spelling for known in found if known)


def own_requirements(
    commands: Sequence[str], stacks: Sequence[Stack], stack_set: str = "", bucket: str = ""
) -> tuple[Required, ...]:
    """Return what commands must be allowed on stacks; `bucket` is the one for templates, "" any of the account."""
    found: dict[Required, None] = {}
    for command in commands:
        for call in (*CALLS[command], *(WITH_STACK_SET.get(command, ()) if stack_set else ())):
            for name in actions_of(call):
                for stack in stacks:
                    reason = Reason(f"{call.client} {call.operation}", command, "call")
                    for arn in _arns(call, name, stack, stack_set, bucket):
                        owner = _owner(stack, arn) if call.on == TARGETS else stack.scenario.account
                        found[Required(name, arn, owned(arn, owner), reason)] = None
    return tuple(found)


def _arns(call: OwnCall, name: str, stack: Stack, stack_set: str, bucket: str) -> list[str]:
    known = action(name)
    if call.on == ANY or known is None or not known.kinds:
        return [*_any(stack, call)]
    scenario = stack.scenario
    start = f"arn:{scenario.partition.name}:cloudformation"
    if call.on == STACK:
        transforms = as_list(stack.template.value.get("Transform", [])) if call.operation == "create_change_set" else []
        named = [f"{start}:{scenario.region}:aws:transform/{str(name).removeprefix('AWS::')}" for name in transforms]
        own = "StackSet-*" if stack_set else scenario.stack
        return [f"{start}:{scenario.region}:{scenario.account}:stack/{own}/*", *named]
    if call.on == SET:
        return [
            f"{start}:*:{scenario.account}:stackset/{stack_set}:*",
            f"{start}:*:{scenario.account}:stackset-target/{stack_set}:*",
            f"{start}::{scenario.account}:type/resource/*",
        ]
    arns = [arn for logical in stack.resources for arn in own_arns(stack, logical)]
    if call.on == TARGETS:
        arns = [*_targets(stack)]
    if call.on == TEMPLATES:
        own = f"arn:{scenario.partition.name}:s3:::{bucket or '*'}"
        return [f"{own}/{FOLDER}/*" if "object" in dict(known.kinds) else own]
    return [*dict.fromkeys(met for arn in [*arns, *map(_objects, arns)] for met in known.narrowed(arn))]


def _objects(arn: str) -> str:
    return f"{arn}/*" if arn.split(":")[2] == "s3" else arn


def _any(stack: Stack, call: OwnCall) -> Iterator[str]:
    """Give `*`, or for what is asked one by one, all of it in the account."""
    scenario = stack.scenario
    if call.operation in ("get_trail_status", "get_event_selectors"):
        yield f"arn:{scenario.partition.name}:cloudtrail:*:{scenario.account}:trail/*"
    elif call.operation == "get_role":
        yield f"arn:{scenario.partition.name}:iam::{scenario.account}:role/AWSCloudFormationStackSet*"
    else:
        yield "*"


def _targets(stack: Stack) -> Iterator[str]:
    yield from (str(bucket.get("Bucket", "")) for bucket in _destinations(stack))


def _owner(stack: Stack, arn: str) -> str:
    """Return the account that owns a bucket which replicas go to."""
    accounts = (bucket.get("Account") for bucket in _destinations(stack) if bucket.get("Bucket") == arn)
    return str(next(filter(None, accounts), stack.scenario.account))


def _destinations(stack: Stack) -> Iterator[Mapping[str, Any]]:
    for _, properties in stack.of_type("AWS::S3::Bucket"):
        for rule in properties.get("ReplicationConfiguration", {}).get("Rules", []):
            yield rule.get("Destination", {})
