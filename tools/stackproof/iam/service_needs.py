"""The roles of a stack: who uses each of them, and what services beside Lambda need of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.aws.managed_policies import OF_AWS, managed_policy
from stackproof.code.custom_resources import is_custom
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.placeholders import holds_unknown
from stackproof.foundation.values import as_list, as_mapping, properties_path, values_at
from stackproof.iam.integrations import universal
from stackproof.iam.need import Need, UnknownNeed, arn, of_role, role_of
from stackproof.iam.scheduled_calls import of_scheduled_call
from stackproof.iam.statements import of_roles, statements
from stackproof.iam.workflow_needs import passed_roles
from stackproof.topology.handed_on import HANDED_ON
from stackproof.topology.replication import Encryption, encryption, selects_kms
from stackproof.topology.resource_index import resource_of, resources_by_name
from stackproof.topology.texts import texts_of

HOLDERS = (
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::SSM::Parameter",
)
TEXTS = {"PolicyDocument", "KeyPolicy", "ResourcePolicy", "DashboardBody", "Description", "Environment", "Tags"}
TEXTS |= {"Definition", "DefinitionString", "DefinitionSubstitutions"}
"""Types, and properties of any type, that only hold the ARN of a role for somebody else: they do not use the role.

Of what stands in the definition of a state machine, `passed_roles` gives the roles that are used.
"""


class Use(NamedTuple):
    """A resource that names a role, where it does, and the service that assumes the role for it ("" if not known)."""

    logical: str
    path: Path
    service: str


@memoised
def uses(stack: Stack) -> Mapping[str, tuple[Use, ...]]:
    """Return, for each role of a stack, the resources that name it as their own: what only holds its ARN does not.

    A role that a state machine passes on is used by it, for the service that it goes to.
    """
    found: dict[str, list[Use]] = {logical: [] for logical, _ in stack.of_type("AWS::IAM::Role")}
    named_roles = resources_by_name(stack, "AWS::IAM::Role")
    for path, text in texts_of(stack):
        role = named_roles.get(text)
        if role and path[0] == "Resources" and path[2] == "Properties" and not TEXTS.intersection(path):
            logical = str(path[1])
            kind = stack.resources[logical]["Type"]
            passed_on = len(path) > 3 and path[3] in HANDED_ON.get(kind, ())
            if kind not in HOLDERS and not is_custom(kind) and not passed_on:
                found[role].append(Use(logical, path, facts("resource_types", "assumed_by").get(kind, "")))
    for passed in passed_roles(stack):
        found[passed.role].append(Use(str(passed.path[1]), passed.path, passed.service))
    return {role: tuple(uses_found) for role, uses_found in found.items()}


def trusts_others(stack: Stack, role: str) -> bool:
    """Tell whether an account, a federated user or a role of another stack may assume a role."""
    trust = (
        statement
        for statement in statements(stack)
        if statement.owner == role and statement.is_trust and statement.effect == "Allow"
    )
    return any(
        kind != "Service" and not role_of(stack, name) for statement in trust for kind, name in statement.principals
    )


def of_services(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what services beside Lambda need of the roles that they are given."""
    for role, users in uses(stack).items():
        for use in users:
            yield from of_role(role, _of_use(stack, role, use))


def _of_use(stack: Stack, role: str, use: Use) -> Iterator[Need]:
    kind = stack.resources[use.logical]["Type"]
    properties = stack.resources[use.logical].get("Properties", {})
    if kind == "AWS::S3::Bucket":
        yield from _replication(stack, role, use.logical, properties)
    elif kind in ("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        yield from _targets(stack, role, use, properties)
    elif kind == "AWS::EC2::FlowLog":
        yield from _flow_logs(stack, role, use, properties)
    elif kind in BY_PROPERTY:
        yield from _by_property(stack, role, use, properties)
    elif kind == "AWS::KinesisFirehose::DeliveryStream":
        yield from _delivery(stack, role, use, properties)
    elif kind not in OF_OTHER_SOURCES and kind not in OWN_PROGRAMS:
        message = f"what {use.logical} needs of its role {role} is not known"
        raise stack.cannot_tell(use.path, message, f"add what {kind} needs to iam/service_needs.py")


def actions_by_aws(kind: str) -> Iterator[str]:
    """Give the actions, in lower case, that AWS's managed policies for users of a type allow."""
    for name in facts("resource_types", "managed_needs").get(kind, ()):
        policy = managed_policy(f"arn:aws{OF_AWS}{name}")
        for statement in as_list(policy["Statement"]) if policy else ():
            yield from (str(action).lower() for action in as_list(statement.get("Action", [])))


BY_MANAGED_POLICY = tuple(facts("resource_types", "managed_needs"))
"""Users whose needs AWS keeps in managed policies: their roles have no statements of their own."""
OWN_PROGRAMS = tuple(facts("resource_types", "runs_programs"))
"""Users that run programs which are not in the template: what these need of the role is not known."""
BY_PROPERTY: Mapping[str, Mapping[str, Mapping[str, list[str]]]] = facts("resource_types", "role_needs")
"""Users that use their role on what some of their properties name: by the property and the service the actions."""
OF_OTHER_SOURCES = ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", *BY_MANAGED_POLICY)
"""Users whose needs are not worked out here: another function of `needs.SOURCES` gives them, or AWS's policies do."""


def _replication(stack: Stack, role: str, logical: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Give what replication needs of buckets; a rule without a filter is of the version that replicates delete markers.

    Source: Amazon S3 User Guide, "Setting up permissions for live replication", "Changing the replica owner",
    "Replication configuration file elements", "Backward compatibility".
    """
    path: Path = properties_path(logical, "ReplicationConfiguration")
    own = stack.evaluator.references.attribute(logical, "Arn")
    why = f"the replication of {logical}"
    for action in ("GetReplicationConfiguration", "ListBucket"):
        yield Need(role, f"s3:{action}", own, why, path)
    for action in ("GetObjectVersionAcl", "GetObjectVersionForReplication", "GetObjectVersionTagging"):
        tags = action == "GetObjectVersionTagging"
        yield Need(role, f"s3:{action}", f"{own}/*", why, path, optional=tags)
    for index, rule in enumerate(properties["ReplicationConfiguration"].get("Rules", [])):
        destination = rule["Destination"]
        actions = ["ReplicateObject", "ReplicateTags"]
        if "Filter" not in rule or rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled":
            actions.append("ReplicateDelete")
        if "AccessControlTranslation" in destination:
            actions.append("ObjectOwnerOverrideToBucketOwner")
        owner = str(destination.get("Account", stack.scenario.account))
        for action in actions:
            at: Path = (*path, "Rules", index)
            context = {"aws:ResourceAccount": owner}
            # objects without tags are replicated without the one; without a filter, markers go where the other allows
            optional = action == "ReplicateTags" or (action == "ReplicateDelete" and "Filter" not in rule)
            yield Need(role, f"s3:{action}", f"{destination['Bucket']}/*", why, at, context=context, optional=optional)
        if rule.get("Status") == "Enabled" and selects_kms(rule):
            yield from _replication_keys(stack, role, logical, rule, (*path, "Rules", index))


def _replication_keys(stack: Stack, role: str, logical: str, rule: Mapping[str, Any], path: Path) -> Iterator[Need]:
    """Give what replication needs of the key of a bucket, and of the key for the copies.

    The encryption context is the bucket's ARN where bucket keys are used, otherwise the object's.
    Source: Amazon S3 User Guide, "Replicating encrypted objects (SSE-S3, SSE-KMS, DSSE-KMS, SSE-C)".
    """
    used = encryption(stack.resources[logical].get("Properties", {}))
    own = str(stack.evaluator.references.attribute(logical, "Arn"))
    to = str(rule["Destination"]["Bucket"])
    replica = str((rule["Destination"].get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID", ""))
    why = f"the replication of {logical}"
    for key in _keys(stack, role, used.key, "kms:Decrypt") if used.by_kms else ():
        context = _of_object(stack, key, own, used)
        yield Need(role, "kms:Decrypt", key, f"{why}, whose objects are encrypted,", path, context=context)
    for key in _keys(stack, role, replica, "kms:Encrypt") if replica else ():
        context = _of_object(stack, key, to, used)
        if ":alias/" in replica:
            context["kms:ResourceAliases"] = context["kms:RequestAlias"] = replica.rpartition(":")[2]
        yield Need(role, "kms:Encrypt", key, f"{why}, whose copies are encrypted,", path, context=context)


def _of_object(stack: Stack, key: str, bucket: str, used: Encryption) -> dict[str, str]:
    """Return the condition keys of a request that S3 makes of a key for the objects of a bucket."""
    region = key.split(":")[3]
    context = {"kms:EncryptionContext:aws:s3:arn": bucket if used.bucket_key else f"{bucket}/*"}
    context["kms:CallerAccount"] = stack.scenario.account
    if region != "*":
        context["kms:ViaService"] = f"s3.{region}.{stack.scenario.partition.suffix}"
    return context


def _keys(stack: Stack, role: str, key: str, action: str) -> Iterator[str]:
    """Give the ARNs of the key that a name means; where only AWS knows it, those that the role's policies name.

    "" is AWS's own key of the region. An alias of another region, or an imported name, means a key whose id no text of
    the template has: what the role may use there is taken to be that key.
    """
    alias = resource_of(stack, key, "AWS::KMS::Alias")
    name = str(stack.resources[alias].get("Properties", {}).get("TargetKeyId")) if alias else key
    owner = resource_of(stack, name, "AWS::KMS::Key")
    if owner:
        yield str(stack.evaluator.references.attribute(owner, "Arn"))
    elif name.startswith("arn:") and ":key/" in name:
        yield name
    elif re.fullmatch("(mrk-)?[0-9a-f-]{32,36}", name):
        yield arn(stack, "kms", f"key/{name}")
    else:
        region = name.split(":")[3] if name.startswith("arn:") else "*" if holds_unknown(name) else ""
        anywhere = arn(stack, "kms", "key/*", region)
        if name.startswith("arn:"):  # of another account, perhaps
            anywhere = anywhere.replace(f":{stack.scenario.account}:", f":{name.split(':')[4]}:")
        allowed = [statement for statement in of_roles(stack).get(role, ()) if statement.effect == "Allow"]
        keys = [
            resource
            for statement in allowed
            if any(covers(pattern, action, fold=True) for pattern in statement.actions)
            for resource in statement.resources
            if ":key/" in resource and covers(anywhere, resource)
        ]
        yield from dict.fromkeys(keys) or [anywhere]


def _targets(stack: Stack, role: str, use: Use, properties: Mapping[str, Any]) -> Iterator[Need]:
    actions = facts("services", "target")
    targets = properties["Targets"] if "Targets" in properties else [properties.get("Target", {})]
    for target in targets:
        to = str(target.get("Arn", ""))
        service = to.split(":")[2] if to.startswith("arn:") else "its target"
        if role_of(stack, target.get("RoleArn")) == role:
            if ":api-destination/" in to:
                why = f"the target of {use.logical}"
                yield Need(role, "events:InvokeApiDestination", f"{to.rpartition('/')[0]}/*", why, use.path, to)
                continue
            if universal(to):
                yield from of_scheduled_call(stack, role, use.logical, target, use.path)
                continue
            if service not in actions:
                message = f"what {use.logical} needs to send to {service} is not known"
                known = ", ".join(actions)
                raise stack.cannot_tell(use.path, message, f"send to a target of {known}, or add its action")
            yield Need(role, f"{service}:{actions[service]}", to, f"the target of {use.logical}", use.path)


def _by_property(stack: Stack, role: str, use: Use, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Give the actions on what properties name; an express state machine that is waited for is started in another way.

    Source: EventBridge User Guide, "Amazon EventBridge Pipes targets": REQUEST_RESPONSE.
    """
    kind = stack.resources[use.logical]["Type"]
    for dotted, actions in BY_PROPERTY[kind].items():
        for path, value in values_at(properties, dotted):
            to = str(value)
            service = to.split(":")[2] if to.startswith("arn:") else "what only AWS knows"
            if service not in actions:
                message = f"what {use.logical} needs of {service} as {dotted} is not known"
                raise stack.cannot_tell(use.path, message, f"name one of {', '.join(actions)}, or add its actions")
            machine = as_mapping(properties.get("TargetParameters")).get("StepFunctionStateMachineParameters")
            for action in actions[service]:
                waited = as_mapping(machine).get("InvocationType", "REQUEST_RESPONSE") == "REQUEST_RESPONSE"
                called = action.replace("StartExecution", "StartSyncExecution") if waited else action
                yield Need(role, called, to, f"{dotted} of {use.logical}", properties_path(use.logical, *path))


def _delivery(stack: Stack, role: str, use: Use, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Give what a delivery to a bucket needs; where there is more in it, that is not known.

    Source: Amazon Data Firehose Developer Guide, "Grant Firehose access to an Amazon S3 destination",
    "Grant Firehose access to a Kinesis data stream".
    """
    path: Path = properties_path(use.logical)
    for key in ("S3DestinationConfiguration", "ExtendedS3DestinationConfiguration"):
        section = as_mapping(properties.get(key))
        bucket, why = str(section.get("BucketARN")), f"the delivery of {use.logical}"
        if role_of(stack, section.get("RoleARN")) == role:
            for action in ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads"):
                yield Need(role, f"s3:{action}", bucket, why, (*path, key))
            for action in ("AbortMultipartUpload", "GetObject", "PutObject"):
                yield Need(role, f"s3:{action}", f"{bucket}/*", why, (*path, key))
    stream = as_mapping(properties.get("KinesisStreamSourceConfiguration"))
    if role_of(stack, stream.get("RoleARN")) == role:
        for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListShards"):
            source = (*path, "KinesisStreamSourceConfiguration")
            yield Need(
                role, f"kinesis:{action}", str(stream.get("KinesisStreamARN")), f"what {use.logical} reads", source
            )
    stated = {"S3DestinationConfiguration", "ExtendedS3DestinationConfiguration"} & properties.keys()
    simple = {"BucketARN", "RoleARN", "Prefix", "ErrorOutputPrefix", "BufferingHints", "CompressionFormat"}
    extra = [extra_part for key in stated for extra_part in as_mapping(properties[key]) if extra_part not in simple]
    plain = {*stated, "KinesisStreamSourceConfiguration"}
    extra += [key for key in properties if key.endswith("Configuration") and key not in plain]
    if extra:
        message = f"what {use.logical} needs of its role {role} for {', '.join(sorted(extra))} is not known"
        raise stack.cannot_tell(use.path, message, "add it to iam/service_needs.py")


def _flow_logs(stack: Stack, role: str, use: Use, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"."""
    to = str(properties.get("LogDestination", ""))
    group = f"{to.removesuffix(':*')}:*" if to else arn(stack, "logs", f"log-group:{properties.get('LogGroupName')}:*")
    for action in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents"):
        yield Need(role, f"logs:{action}", group, f"the flow log {use.logical}", use.path)
    yield Need(role, "logs:DescribeLogGroups", "*", f"the flow log {use.logical}", use.path, optional=True)
