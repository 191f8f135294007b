"""What sends messages to what in a deployment, and whether the receiver's policy and key let the sender in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.aws.regions import is_opt_in
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import Path
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import as_list, properties_path
from stackproof.iam.conditions import holds
from stackproof.iam.statements import Statement, statements_of
from stackproof.topology.event_sources import function_of
from stackproof.topology.resource_index import resource_of
from stackproof.topology.texts import of_functions

ALARMS, EVENTS, BUCKETS = "cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com"
ROTATION = "secretsmanager.amazonaws.com"
"""Who calls the function of a rotation. Source: AWS Secrets Manager User Guide, "Permissions for rotation"."""
ALARMS_TO_LAMBDA = "lambda.alarms.cloudwatch.amazonaws.com"
"""Who CloudWatch is when an alarm calls a function. Source: CloudWatch User Guide, "Lambda alarm actions"."""


class Message(NamedTuple):
    """A way that messages go: from a resource, by a service, to an ARN in some region."""

    stack: Stack
    path: Path
    service: str
    source: str
    to: str


@memoised
def messages(stack: Stack) -> tuple[Message, ...]:
    """Return the ways that messages go from alarms, event rules, buckets, topics and rotations of a stack."""
    return tuple(_messages(stack))


def _messages(stack: Stack) -> Iterator[Message]:
    for logical, properties in stack.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for index, to in enumerate(properties.get(kind, [])):
                at: Path = properties_path(logical, kind, index)
                yield Message(stack, at, ALARMS, source, str(to))
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        for index, target in enumerate(properties.get("Targets", [])):
            at = properties_path(logical, "Targets", index)
            if "RoleArn" not in target and ":event-bus/" not in str(target.get("Arn")):
                yield Message(stack, at, EVENTS, source, str(target.get("Arn")))
    yield from _of_buckets(stack)
    for logical, properties in stack.of_type("AWS::SecretsManager::RotationSchedule"):
        secret, to = properties.get("SecretId"), properties.get("RotationLambdaARN")
        if to and resource_of(stack, secret, "AWS::SecretsManager::Secret"):
            yield Message(stack, properties_path(logical, "RotationLambdaARN"), ROTATION, str(secret), str(to))
    for subscription in subscriptions(stack):
        if subscription.properties.get("Protocol") in ("sqs", "lambda"):
            source, to = subscription.topic, str(subscription.properties.get("Endpoint"))
            yield Message(stack, (*subscription.path, "Endpoint"), _principal_of_sns(source, to), source, to)


class Subscription(NamedTuple):
    """A subscription of a stack: the resource that states it, where, the topic's ARN, and its properties."""

    logical: str
    path: Path
    topic: str
    properties: Mapping[str, Any]


def subscriptions(stack: Stack) -> Iterator[Subscription]:
    """Give the subscriptions of a stack, those that a topic states of itself as well."""
    for logical, properties in stack.of_type("AWS::SNS::Subscription"):
        yield Subscription(logical, properties_path(logical), str(properties.get("TopicArn")), properties)
    for logical, properties in stack.of_type("AWS::SNS::Topic"):
        for index, subscription in enumerate(as_list(properties.get("Subscription", []))):
            if isinstance(subscription, Mapping):
                topic = str(stack.evaluator.references.ref(logical))
                yield Subscription(logical, properties_path(logical, "Subscription", index), topic, subscription)


NOTIFIED = {"QueueConfigurations": "Queue", "TopicConfigurations": "Topic", "LambdaConfigurations": "Function"}


def _of_buckets(stack: Stack) -> Iterator[Message]:
    """Source: CloudFormation Template Reference, AWS::S3::Bucket, "NotificationConfiguration"."""
    for logical, properties in stack.of_type("AWS::S3::Bucket"):
        stated = properties.get("NotificationConfiguration") or {}
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        for kind, key in NOTIFIED.items() if isinstance(stated, Mapping) else ():
            for index, subscription in enumerate(as_list(stated.get(kind, []))):
                at = properties_path(logical, "NotificationConfiguration", kind, index, key)
                yield Message(stack, at, BUCKETS, source, str(subscription.get(key)))


def _principal_of_sns(topic: str, to: str) -> str:
    """Return who SNS is when it delivers: beyond a region the principal of the opt-in region, if there is one.

    Source: Amazon SNS Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue or AWS Lambda function in a
    different Region": the receiver's region if that is one, else the topic's.
    """
    regions = [arn.split(":")[3] for arn in (to, topic) if arn.count(":") >= 5]
    opt_in = [region for region in regions if is_opt_in(region)] if len(set(regions)) == 2 else []
    return f"sns.{opt_in[0]}.amazonaws.com" if opt_in else "sns.amazonaws.com"


def undelivered_because(deployment: Deployment, message: Message) -> str:
    """Return why a message does not arrive, "" if it does, and where the receiver is not the stacks' own."""
    fields = message.to.split(":")
    region = fields[3] if len(fields) > 5 else ""
    if message.service == ALARMS and fields[2:3] == ["sns"] and region != message.stack.scenario.region:
        return "" if of_functions(region) else f"an alarm takes topics of its own region, not of {region}"
    found = next((stack for stack in deployment.stacks if stack.scenario.region == region), None)
    logical = resource_of(found, message.to) if found else None
    if found is None or logical is None:
        return f"no stack creates {message.to}" if _must_be_there(message, found) else ""
    logical = function_of(found, message.to) or logical  # an alias is one of its function
    kind = found.resources[logical]["Type"]
    if kind == "AWS::Lambda::Function":
        service = ALARMS_TO_LAMBDA if message.service == ALARMS else message.service
        return _not_permitted(found, logical, message._replace(service=service))
    action = facts("resource_types", "receives_by").get(kind)
    if action is None:  # what other services ask of who sends to them is not known
        return ""
    if not _allowed(_policy(found, logical), message.service, action, message):
        return f"the policy of {logical} does not let {message.service} do {action} for {message.source}"
    return _locked(found, logical, message)


def _must_be_there(message: Message, stack: Stack | None) -> bool:
    """Tell whether a receiver that is not created would be a stack's own, by the account and region in its ARN.

    What a parameter hands over, or only AWS knows, is there without the stacks; so is what is made of neither.
    """
    if stack is None or of_functions(message.to) or message.to.split(":")[4] != stack.scenario.account:
        return False
    stated = [str(text) for value in message.stack.evaluator.scope.parameters.values() for text in as_list(value)]
    if any(len(text) > 5 and message.to.startswith(text) for text in stated):
        return False
    kinds = {"sns": "AWS::SNS::Topic", "sqs": "AWS::SQS::Queue", "lambda": "AWS::Lambda::Function"}
    return any(stack.of_type(kinds.get(message.to.split(":")[2], "")))


POLICIES = (
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SQS::QueueInlinePolicy",
)


@memoised
def _policy(stack: Stack, logical: str) -> tuple[Statement, ...]:
    """Return the statements of the policies that are put on a topic or queue, or the one that a topic has without any.

    Source: Amazon SNS Developer Guide, "Example cases for Amazon SNS access control" (the default policy, with
    AWS:SourceOwner, which alarms send and EventBridge does not).
    """
    by_arn = stack.resources[logical]["Type"] == "AWS::SNS::Topic"  # a queue is named by its URL alone
    named = {str(stack.evaluator.references.ref(logical))}
    named |= {str(stack.evaluator.references.attribute(logical, "Arn"))} if by_arn else set()
    owners = [
        owner
        for owner, properties in stack.of_type(*POLICIES)
        if named.intersection(
            str(target)
            for key in ("Topics", "Queues", "TopicArn", "Queue")
            for target in as_list(properties.get(key, []))
        )
    ]
    if not owners and stack.resources[logical]["Type"] == "AWS::SNS::Topic":
        own = {"StringEquals": {"aws:SourceOwner": stack.scenario.account}}
        return (Statement(logical, (), "Allow", ("sns:Publish",), (), own, (("AWS", "*"),), False),)
    return tuple(statement for owner in owners for statement in statements_of(stack, owner))


def _concerns(statement: Statement, service: str, action: str, to: str = "") -> bool:
    """Tell whether a statement is about an action of a service on an ARN, its conditions apart."""
    everybody = {("*", "*"), ("AWS", "*"), ("Service", "*")}
    return (
        (service in statement.services() or bool(everybody.intersection(statement.principals)))
        and any(covers(pattern, action, fold=True) for pattern in statement.actions)
        and (
            not to
            or not statement.resources
            or any(covers(pattern, to) or of_functions(pattern) for pattern in statement.resources)
        )
    )


def _allowed(policy: Sequence[Statement], service: str, action: str, message: Message) -> bool:
    """Tell whether a policy lets a message in, as far as it is known."""
    context = _context(message, action)
    concerned = [statement for statement in policy if _concerns(statement, service, action, message.to)]
    if any(statement.effect == "Deny" and holds(statement.conditions, context) is True for statement in concerned):
        return False
    return any(
        statement.effect == "Allow" and holds(statement.conditions, context) is not False for statement in concerned
    )


def _locked(stack: Stack, logical: str, message: Message) -> str:
    """Return why the key of a topic or queue keeps a service out, "" if it lets it in or there is none.

    Source: Amazon SNS Developer Guide, "Enable compatibility between event sources from AWS services and encrypted
    topics"; Amazon SQS Developer Guide, "Configure KMS permissions for AWS services".
    """
    key = stack.resources[logical].get("Properties", {}).get("KmsMasterKeyId")
    if not key:  # not encrypted, which is for other rules to say
        return ""
    if str(key).rpartition(":")[2].startswith("alias/aws/"):
        return f"{logical} is encrypted with {key}, whose policy lets no other service in"
    alias = resource_of(stack, key, "AWS::KMS::Alias")
    name = stack.resources[alias].get("Properties", {}).get("TargetKeyId") if alias else key
    owner = resource_of(stack, name, "AWS::KMS::Key")
    if owner is None:  # a key of another stack, whose policy is not known
        return ""
    if str(stack.resources[owner].get("Properties", {}).get("Enabled", True)).lower() == "false":
        return f"{owner}, the key of {logical}, is disabled"
    policy = statements_of(stack, owner)
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        context = _context(message, action)
        concerned = [
            statement
            for statement in policy
            if statement.effect == "Allow" and _concerns(statement, message.service, action)
        ]
        if not any(holds(statement.conditions, context) is not False for statement in concerned):
            return f"the policy of {owner}, the key of {logical}, does not let {message.service} do {action}"
    return ""


def _context(message: Message, action: str) -> Mapping[str, str | None]:
    """Return the condition keys that a service sends: EventBridge sends none to topics and their keys.

    Source: Amazon EventBridge User Guide, "Using resource-based policies for Amazon EventBridge".
    """
    sends = {"aws:SecureTransport": "true"}
    if message.service == EVENTS and action.startswith(("sns:", "kms:")):
        return {**sends, "aws:SourceArn": None, "aws:SourceAccount": None, "aws:SourceOwner": None}
    account = message.stack.scenario.account
    owner = account if message.service == ALARMS else None
    return {**sends, "aws:SourceArn": message.source, "aws:SourceAccount": account, "aws:SourceOwner": owner}


def _not_permitted(stack: Stack, logical: str, message: Message) -> str:
    """Source: AWS::Lambda::Permission in the CloudFormation Template Reference.

    A permission is for a version or an alias, or for the function without one. Source: Lambda Developer Guide, "Using
    Lambda aliases in event sources and permissions policies".
    """
    elsewhere = ""
    for _, properties in stack.of_type("AWS::Lambda::Permission"):
        named = properties.get("FunctionName")
        if function_of(stack, named) == logical and _permits(properties, message):
            qualifiers = {qualifier_of(str(named)), qualifier_of(message.to)}
            if len(qualifiers) == 1 or ("" not in qualifiers and any("{{" in qualifier for qualifier in qualifiers)):
                return ""
            elsewhere = f"; {message.to} is called, and the permission is for {named}"
    return f"no permission lets {message.service} call {logical} for {message.source}{elsewhere}"


def qualifier_of(name: str) -> str:
    """Return the version or alias in the name or ARN of a function, "" if there is none."""
    fields = name.split(":")
    if name.startswith("arn:"):
        return ":".join(fields[7:])
    return fields[-1] if len(fields) in (2, 4) else ""


def _permits(properties: Mapping[str, Any], message: Message) -> bool:
    arn, account = str(properties.get("SourceArn", "*")), message.stack.scenario.account
    from_account = str(properties.get("SourceAccount", account))
    return (
        properties.get("Principal") in (message.service, "*")
        and properties.get("Action") in ("lambda:InvokeFunction", "lambda:*")
        and (covers(arn, message.source) or of_functions(arn) or of_functions(message.source))
        and (from_account == account or of_functions(from_account))
    )
