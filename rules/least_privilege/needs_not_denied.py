"""No policy on the way denies what is needed: of a bucket, key, topic, queue, table, vault or endpoint.

A role that allows an action is half of it: a Deny in the policy of what it acts on wins over every Allow, and an
endpoint lets through what its own policy allows alone. A condition denies whoever cannot meet it: replication,
deliveries and backups come by no endpoint of the account, roles use no second factor and send no aws:SourceAccount,
services have no organization, Lambda names no encryption for what it discards. What is not known of a request denies
nothing here.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Path, Stack, memoised, properties_path, resource_of, resources_by_name
from stackproof.aws.arn import covers
from stackproof.iam.callers import Known, context_of, endpoint_of, of_service, role_arn
from stackproof.iam.need import Need, role_of
from stackproof.iam.needs import needs_of
from stackproof.iam.resource_policies import Request, denied_by, may_be_allowed, policies_on
from stackproof.iam.services_called import services_called
from stackproof.iam.statements import Statement, of_roles, statements
from stackproof.monitoring.delivery import messages
from stackproof.topology.backups import backup_rules
from stackproof.topology.endpoints import ENDPOINT
from stackproof.topology.network import functions_in_vpc

APPLIES_TO = (
    "AWS::IAM::Role",
    "AWS::EC2::VPCEndpoint",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::Backup::BackupVault",
)
SENT = {"AWS::SNS::Topic": "sns:Publish", "AWS::SQS::Queue": "sqs:SendMessage"}
COPIED, BACKED_UP = "backup:CopyIntoBackupVault", "backup:StartBackupJob"
KEY = "AWS::KMS::Key"
KEY_USES = ("kms:Decrypt", "kms:GenerateDataKey")
LOGGERS = {
    ("AWS::S3::Bucket", "LoggingConfiguration.DestinationBucketName"): "logging.s3.amazonaws.com",
    ("AWS::CloudTrail::Trail", "S3BucketName"): "cloudtrail.amazonaws.com",
    ("AWS::Config::DeliveryChannel", "S3BucketName"): "config.amazonaws.com",
}
"""Properties that name a bucket for what a service writes as itself, and that service. Source: Amazon S3 User Guide,
"Enabling Amazon S3 server access logging"; AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"."""


def check(deployment: Deployment) -> Iterator[Finding]:
    services = {service for stack in deployment.stacks for service in services_that_deny(stack)}
    for stack in deployment.stacks:
        for role, (known, _) in needs_of(stack).items():
            for need in known:
                yield from by_boundary(stack, role, need)
                if need.action.partition(":")[0].lower() in services:
                    yield from by_resource(deployment, stack, role, need)
                if need.function is not None and limited(stack):
                    yield from by_endpoint(stack, need)
        if any(shuts_services_out(side) for side in deployment.stacks):
            yield from of_messages(deployment, stack)
        yield from of_logs(stack)
        yield from of_backups(deployment, stack)
        yield from by_endpoint_of_unread_code(stack)


@memoised
def services_that_deny(stack: Stack) -> frozenset[str]:
    """Return the services some resource of which has a policy that may deny something; a key's may by leaving out."""
    types = [
        stack.resources[logical]["Type"]
        for logical, policy in policies_on(stack).items()
        if denies(policy) or stack.resources[logical]["Type"] == KEY
    ]
    return frozenset(kind.split("::")[1].lower() for kind in types)


def shuts_services_out(stack: Stack) -> bool:
    """Tell whether the policy of a topic, a queue or a key denies something."""
    return any(
        denies(policy) and stack.resources[owner]["Type"] in (*SENT, KEY)
        for owner, policy in policies_on(stack).items()
    )


def held_on(deployment: Deployment, stack: Stack, name: str) -> tuple[Stack, str, tuple[Statement, ...]] | None:
    """Return the resource of either stack that an ARN is of, its stack, and the statements of the policies on it."""
    for owner in (stack, deployment.other(stack)):
        logical = resource_of(owner, name)
        if logical:
            return owner, logical, policies_on(owner).get(logical, ())
    return None


def by_resource(deployment: Deployment, stack: Stack, role: str, need: Need) -> Iterator[Finding]:
    """Find what the policy of the resource denies a role; of a key also what it does not leave to the account."""
    found = held_on(deployment, stack, need.covers()) if need.covers() != "*" else None
    if found is None or not found[2]:
        return
    owner, logical, policy = found
    if not denies(policy) and owner.resources[logical]["Type"] != KEY:
        return
    request = Request(need.action, need.covers(), ("AWS", role_arn(stack, role)), context_of(stack, need))
    statement = denied_by(policy, request)
    if statement:
        yield need.finding(stack, f"{denial(statement, logical)} {need.action} to {role}, which {need.why} needs", FIX)
    elif policy and owner.resources[logical]["Type"] == KEY and not may_be_allowed(policy, request):
        message = (
            f"the policy of {logical} does not allow {need.action} to {role}, nor to the account, which {need.why}"
        )
        yield need.finding(stack, f"{message} needs", f"allow {need.action} to the account's root in {logical}")


def by_boundary(stack: Stack, role: str, need: Need) -> Iterator[Finding]:
    """Find what the boundary of a role keeps from it, where the boundary is a policy of the stack.

    Source: IAM User Guide, "Permissions boundaries for IAM entities".
    """
    stated = stack.resources[role].get("Properties", {}).get("PermissionsBoundary")
    boundary = resource_of(stack, stated, "AWS::IAM::ManagedPolicy") if stated else None
    if boundary is None:
        return
    held = [statement for statement in statements(stack) if statement.owner == boundary and statement.effect == "Allow"]
    within = any(
        any(covers(action, need.action, fold=True) for action in statement.actions)
        and any(covers(resource, need.covers()) for resource in statement.resources)
        for statement in held
        if "NotAction" not in statement.stated
    )
    if not within and not any("NotAction" in statement.stated for statement in held):
        message = f"the boundary {boundary} does not allow {need.action} to {role}, which {need.why} needs"
        yield need.finding(stack, message, f"allow it in {boundary} as well")


def denies(policy: tuple[Statement, ...]) -> bool:
    return any(statement.effect == "Deny" for statement in policy)


FIX = "except this caller from the Deny, by a condition that it meets"


def denial(statement: Statement, logical: str) -> str:
    conditions = ", ".join(f"{operator} {key}" for operator, tests in statement.conditions.items() for key in tests)
    return f"the policy of {logical} ({statement.owner}) denies{f' by {conditions}' if conditions else ''}"


def by_endpoint(stack: Stack, need: Need) -> Iterator[Finding]:
    """Find what the policy of the endpoint by which code asks does not let through."""
    if "kms:ViaService" in need.context or need.function is None:
        return
    for function, subnets, _ in functions_in_vpc(stack):
        endpoint = endpoint_of(stack, subnets, need.action) if function == need.function.logical else None
        policy = policies_on(stack).get(endpoint, ()) if endpoint else ()
        if not policy:
            continue
        request = Request(need.action, need.covers(), ("AWS", role_arn(stack, need.role)), context_of(stack, need))
        if denied_by(policy, request) or not may_be_allowed(policy, request, wide="*" in need.covers()):
            message = f"the policy of {endpoint} does not let {need.action} on {need.covers()} through, "
            yield need.finding(stack, f"{message}which {need.why} needs", f"allow it in the policy of {endpoint}")


@memoised
def limited(stack: Stack) -> bool:
    """Tell whether some endpoint has a policy: one without lets everything through."""
    return any("PolicyDocument" in properties for _, properties in stack.of_type(ENDPOINT))


def by_endpoint_of_unread_code(stack: Stack) -> Iterator[Finding]:
    """Find what the role of a function allows, whose code is not in the template, and its endpoint does not."""
    for function, subnets, _ in functions_in_vpc(stack) if limited(stack) else ():
        role = role_of(stack, stack.resources[function].get("Properties", {}).get("Role"))
        if not role or not needs_of(stack)[role].unknown:
            continue
        called = services_called(stack, function)
        for statement in of_roles(stack)[role]:
            for action in statement.actions if statement.effect == "Allow" and not statement.managed else ():
                endpoint = endpoint_of(stack, subnets, action) if action.partition(":")[0].lower() in called else None
                policy = policies_on(stack).get(endpoint, ()) if endpoint and "*" not in action else ()
                for resource in statement.resources if policy else ():
                    request = Request(action, resource, ("AWS", role_arn(stack, role)), {})
                    if not may_be_allowed(policy, request, wide=True):
                        message = (
                            f"{role} allows {action} on {resource}, and {endpoint}, by which {function} asks, does not"
                        )
                        yield stack.finding(statement.path, message, f"allow it in the policy of {endpoint}")


def of_messages(deployment: Deployment, stack: Stack) -> Iterator[Finding]:
    """Find what policies deny services that send messages as themselves."""
    for message in messages(stack):
        found = held_on(deployment, stack, message.to)
        action = SENT.get(found[0].resources[found[1]]["Type"]) if found else None
        if found and action:
            owner, logical, policy = found
            key = key_of(owner, logical)
            asked = [(logical, policy, action, message.to)]
            asked += [(key, policies_on(owner).get(key, ()), use, "*") for use in KEY_USES] if key else []
            asked = [use for use in asked if denies(use[1])]
            sends = message.service != "events.amazonaws.com" or action.startswith("sqs:")
            context = of_service(stack, message.source, sends_source=sends)
            for of, stated, verb, resource in asked:
                statement = denied_by(stated, Request(verb, resource, ("Service", message.service), context))
                if statement:
                    denied = f"{denial(statement, of)} {verb} to {message.service}, which sends for {message.source}"
                    yield stack.finding(message.path, denied, FIX)


def of_logs(stack: Stack) -> Iterator[Finding]:
    """Find what the policies of buckets deny, or do not allow, services that write logs as themselves."""
    for logical, path, bucket, service in logs(stack):
        policy = policies_on(stack).get(bucket, ())
        arn = str(stack.evaluator.references.attribute(bucket, "Arn"))
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        context = of_service(stack, source, sends_source=True)
        request = Request("s3:PutObject", f"{arn}/*", ("Service", service), context)
        statement = denied_by(policy, request)
        by_acl = "AccessControl" in stack.resources[bucket].get("Properties", {})
        if statement:
            denied = f"{denial(statement, bucket)} s3:PutObject to {service}, which writes for {logical}"
            yield stack.finding(path, denied, FIX)
        elif not may_be_allowed(policy, request, wide=True) and not by_acl:
            denied = f"{logical} has its logs written to {bucket}, whose policy does not let {service} put objects"
            yield stack.finding(path, denied, f"allow s3:PutObject to {service} in the policy of {bucket}")


def key_of(stack: Stack, logical: str) -> str | None:
    """Return the key of the stack by which a topic or a queue is encrypted."""
    name = stack.resources[logical].get("Properties", {}).get("KmsMasterKeyId")
    alias = resource_of(stack, name, "AWS::KMS::Alias") if name else None
    target = stack.resources[alias].get("Properties", {}).get("TargetKeyId") if alias else name
    return resource_of(stack, target, KEY) if target else None


def by_role(stack: Stack) -> bool:
    """Tell whether AWS Config may deliver under a role that lets it, in place of the bucket's policy.

    Source: AWS Config Developer Guide, "Permissions for the Amazon S3 bucket for the delivery channel".
    """
    roles = [
        str(properties.get("RoleARN", "")) for _, properties in stack.of_type("AWS::Config::ConfigurationRecorder")
    ]
    return not any("/aws-service-role/" in role for role in roles)


def logs(stack: Stack) -> Iterator[tuple[str, Path, str, str]]:
    buckets = resources_by_name(stack, "AWS::S3::Bucket")
    for (kind, name), service in LOGGERS.items():
        for logical, properties in () if service.startswith("config.") and by_role(stack) else stack.of_type(kind):
            keys = name.split(".")
            value = properties.get(keys[0])
            value = (value or {}).get(keys[1]) if len(keys) > 1 else value
            if isinstance(value, str) and value in buckets:
                yield logical, properties_path(logical, *keys), buckets[value], service


def of_backups(deployment: Deployment, stack: Stack) -> Iterator[Finding]:
    """Find what the policies of vaults deny the jobs and copies of a plan."""
    for rule in backup_rules(stack):
        vaults = [((*rule.path, "TargetBackupVault"), str(rule.value.get("TargetBackupVault")), BACKED_UP)]
        vaults += [(path, str(copy.get("DestinationBackupVaultArn")), COPIED) for path, copy in rule.copies()]
        for path, vault, action in vaults:
            found = held_on(deployment, stack, vault)
            if found and found[0].resources[found[1]]["Type"] == "AWS::Backup::BackupVault":
                account = f"arn:{stack.scenario.partition.name}:iam::{stack.scenario.account}:role/backup"
                arn = str(found[0].evaluator.references.attribute(found[1], "BackupVaultArn"))
                context: Known = {"aws:SecureTransport": "true", "aws:PrincipalAccount": stack.scenario.account}
                context |= {"aws:SourceVpce": None, "aws:SourceVpc": None, "aws:MultiFactorAuthPresent": None}
                statement = denied_by(found[2], Request(action, arn, ("AWS", account), context))
                if statement:
                    denied = f"{denial(statement, found[1])} {action}, which {rule.plan} needs"
                    yield stack.finding(path, denied, FIX)
