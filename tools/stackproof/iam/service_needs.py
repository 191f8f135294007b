"""The roles of a stack: who uses each of them, and what services beside Lambda need of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.data import facts
from stackproof.code.custom_resources import is_custom
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import properties_path
from stackproof.iam.need import Need, UnknownNeed, arn, of_role, role_of
from stackproof.iam.workflow_needs import passed_roles
from stackproof.topology.resource_index import resources_by_name
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
            if kind not in HOLDERS and not is_custom(kind):
                found[role].append(Use(logical, path, facts("resource_types", "assumed_by").get(kind, "")))
    for passed in passed_roles(stack):
        found[passed.role].append(Use(str(passed.path[1]), passed.path, passed.service))
    return {role: tuple(given) for role, given in found.items()}


def of_services(stack: Stack) -> Iterator[Need | UnknownNeed]:
    """Give what services beside Lambda need of the roles that they are given."""
    for role, users in uses(stack).items():
        for use in users:
            yield from of_role(role, _of_use(stack, role, use))


def _of_use(stack: Stack, role: str, use: Use) -> Iterator[Need]:
    kind = stack.resources[use.logical]["Type"]
    properties = stack.resources[use.logical]["Properties"]
    if kind == "AWS::S3::Bucket":
        yield from _replication(stack, role, use.logical, properties)
    elif kind in ("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        yield from _targets(stack, role, use, properties)
    elif kind == "AWS::EC2::FlowLog":
        yield from _flow_logs(stack, role, use, properties)
    elif kind not in OF_OTHER_SOURCES:
        message = f"what {use.logical} needs of its role {role} is not known"
        raise stack.cannot_tell(use.path, message, f"add what {kind} needs to iam/service_needs.py")


BY_MANAGED_POLICY = tuple(facts("resource_types", "managed_needs"))
"""Users whose needs AWS keeps in managed policies: their roles have no statements of their own."""
OF_OTHER_SOURCES = ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", *BY_MANAGED_POLICY)
"""Users whose needs are not worked out here: another function of `needs.SOURCES` gives them, or AWS's policies do."""


def _replication(stack: Stack, role: str, logical: str, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Source: Amazon S3 User Guide, "Setting up permissions for live replication", "Changing the replica owner"."""
    path: Path = properties_path(logical, "ReplicationConfiguration")
    own = stack.evaluator.references.attribute(logical, "Arn")
    why = f"the replication of {logical}"
    for action in ("GetReplicationConfiguration", "ListBucket"):
        yield Need(role, f"s3:{action}", own, why, path)
    for action in ("GetObjectVersionAcl", "GetObjectVersionForReplication", "GetObjectVersionTagging"):
        yield Need(role, f"s3:{action}", f"{own}/*", why, path)
    for index, rule in enumerate(properties["ReplicationConfiguration"].get("Rules", [])):
        destination = rule["Destination"]
        actions = ["ReplicateObject", "ReplicateTags"]
        if rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled":
            actions.append("ReplicateDelete")
        if "AccessControlTranslation" in destination:
            actions.append("ObjectOwnerOverrideToBucketOwner")
        owner = str(destination.get("Account", stack.scenario.account))
        for action in actions:
            at: Path = (*path, "Rules", index)
            context = {"aws:ResourceAccount": owner}
            yield Need(role, f"s3:{action}", f"{destination['Bucket']}/*", why, at, context=context)


def _targets(stack: Stack, role: str, use: Use, properties: Mapping[str, Any]) -> Iterator[Need]:
    actions = facts("services", "target")
    targets = properties["Targets"] if "Targets" in properties else [properties.get("Target", {})]
    for target in targets:
        to = str(target.get("Arn", ""))
        service = to.split(":")[2] if to.startswith("arn:") else "its target"
        if role_of(stack, target.get("RoleArn")) == role:
            if service not in actions:
                message = f"what {use.logical} needs to send to {service} is not known"
                known = ", ".join(actions)
                raise stack.cannot_tell(use.path, message, f"send to a target of {known}, or add its action")
            yield Need(role, f"{service}:{actions[service]}", to, f"the target of {use.logical}", use.path)


def _flow_logs(stack: Stack, role: str, use: Use, properties: Mapping[str, Any]) -> Iterator[Need]:
    """Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs"."""
    group = arn(stack, "logs", f"log-group:{properties.get('LogGroupName')}:*")
    for action in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents"):
        yield Need(role, f"logs:{action}", group, f"the flow log {use.logical}", use.path)
    yield Need(role, "logs:DescribeLogGroups", "*", f"the flow log {use.logical}", use.path)
