"""What sends messages to what in a deployment, and whether the receiver's policy and key let the sender in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stackproof.aws.arn import covers
from stackproof.aws.data import facts
from stackproof.aws.regions import is_opt_in
from stackproof.evaluation.deployment import Deployment
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell, Path
from stackproof.foundation.values import properties_path
from stackproof.iam.conditions import holds
from stackproof.iam.statements import Statement, statements
from stackproof.topology.event_sources import function_of
from stackproof.topology.resource_index import resource_of


class Message(NamedTuple):
    """A way that messages go: from a resource, by a service, to an ARN in some region."""

    stack: Stack
    path: Path
    service: str
    source: str
    to: str


def messages(stack: Stack) -> Iterator[Message]:
    """Give the ways that messages go from alarms, event rules and topics of a stack."""
    for logical, properties in stack.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for index, to in enumerate(properties.get(kind, [])):
                at: Path = properties_path(logical, kind, index)
                yield Message(stack, at, "cloudwatch.amazonaws.com", source, str(to))
    for logical, properties in stack.of_type("AWS::Events::Rule"):
        source = str(stack.evaluator.references.attribute(logical, "Arn"))
        for index, target in enumerate(properties.get("Targets", [])):
            at = properties_path(logical, "Targets", index)
            if "RoleArn" not in target and ":event-bus/" not in str(target.get("Arn")):
                yield Message(stack, at, "events.amazonaws.com", source, str(target.get("Arn")))
    for logical, properties in stack.of_type("AWS::SNS::Subscription"):
        if properties.get("Protocol") in ("sqs", "lambda"):
            at = properties_path(logical, "Endpoint")
            source, to = str(properties.get("TopicArn")), str(properties.get("Endpoint"))
            yield Message(stack, at, _principal_of_sns(source, to), source, to)


def _principal_of_sns(topic: str, to: str) -> str:
    """Return who SNS is when it delivers: beyond a region the principal of the opt-in region, if there is one.

    Source: Amazon SNS Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue or AWS Lambda function in a
    different Region": the receiver's region if that is one, else the topic's.
    """
    regions = [arn.split(":")[3] for arn in (to, topic) if arn.count(":") >= 5]
    opt_in = [region for region in regions if is_opt_in(region)] if len(set(regions)) == 2 else []
    return f"sns.{opt_in[0]}.amazonaws.com" if opt_in else "sns.amazonaws.com"


def undelivered_because(deployment: Deployment, message: Message) -> str:
    """Return why a message does not arrive, "" if it does."""
    fields = message.to.split(":")
    found = (
        next((one for one in deployment.stacks if one.scenario.region == fields[3:4][0]), None) if fields[3:] else None
    )
    logical = resource_of(found, message.to) if found else None
    if found is None or logical is None:
        return f"no stack creates {message.to}"
    if message.service == "cloudwatch.amazonaws.com" and fields[3] != message.stack.scenario.region:
        return f"an alarm takes topics of its own region, not of {fields[3]}"
    kind = found.resources[logical]["Type"]
    if kind == "AWS::Lambda::Function":
        return _not_permitted(found, logical, message)
    action = facts("resource_types", "receives_by").get(kind)
    if action is None:
        raise CannotTell(
            f"whether {message.service} reaches {message.to} is not known", message.stack.place(message.path)
        )
    policy = _policy(found, logical)
    if not policy and action == "sns:Publish" and _is_let_in_by_default(message):
        return _locked(found, logical, message)
    if not _allowed(policy, message.service, action, message):
        return f"the policy of {logical} does not let {message.service} do {action} for {message.source}"
    return _locked(found, logical, message)


def _policy(stack: Stack, logical: str) -> list[Statement]:
    """Return the statements of the policies that are put on a topic or queue."""
    named = str(stack.evaluator.references.ref(logical))
    owners = [
        owner
        for owner, properties in stack.of_type("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
        if named in map(str, [*properties.get("Topics", []), *properties.get("Queues", [])])
    ]
    return [statement for statement in statements(stack) if statement.owner in owners]


def _is_let_in_by_default(message: Message) -> bool:
    """Tell whether the policy that SNS gives a topic lets a message in: alarms of its own account, not EventBridge.

    Source: Amazon SNS Developer Guide, "Example cases for Amazon SNS access control" (the default policy, with
    AWS:SourceOwner); Amazon EventBridge User Guide, "Using resource-based policies for Amazon EventBridge".
    """
    fields = message.to.split(":")
    return message.service == "cloudwatch.amazonaws.com" and fields[4:5] == [message.stack.scenario.account]


def _allowed(policy: list[Statement], service: str, action: str, message: Message) -> bool:
    for statement in policy:
        to_all = statement.principals == (("*", "*"),)
        concerned = service in statement.services() and any(covers(one, action, fold=True) for one in statement.actions)
        if statement.effect == "Deny" and (concerned or to_all) and not statement.conditions:
            return False
    return any(
        statement.effect == "Allow"
        and service in statement.services()
        and any(covers(one, action, fold=True) for one in statement.actions)
        and (not statement.resources or any(covers(one, message.to) for one in statement.resources))
        and holds(statement.conditions, _context(message, action)) is True
        for statement in policy
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
    name = stack.resources[alias]["Properties"].get("TargetKeyId") if alias else key
    owner = resource_of(stack, name, "AWS::KMS::Key")
    if owner is None:
        raise CannotTell(f"the policy of the key {key} is not known", message.stack.place(message.path))
    policy = [one for one in statements(stack) if one.owner == owner]
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        if not any(_opens(statement, message, action) for statement in policy):
            return f"the policy of {owner}, the key of {logical}, does not let {message.service} do {action}"
    return ""


def _opens(statement: Statement, message: Message, action: str) -> bool:
    granted = any(covers(one, action, fold=True) for one in statement.actions)
    allowed = statement.effect == "Allow" and message.service in statement.services() and granted
    return allowed and holds(statement.conditions, _context(message, action)) is True


def _context(message: Message, action: str) -> Mapping[str, str]:
    """Return the condition keys that a service sends: EventBridge sends none to topics and their keys.

    Source: Amazon EventBridge User Guide, "Using resource-based policies for Amazon EventBridge".
    """
    if message.service == "events.amazonaws.com" and action.startswith(("sns:", "kms:")):
        return {}
    return {"aws:SourceArn": message.source, "aws:SourceAccount": message.stack.scenario.account}


def _not_permitted(stack: Stack, logical: str, message: Message) -> str:
    """Source: AWS::Lambda::Permission in the CloudFormation Template Reference."""
    for _, properties in stack.of_type("AWS::Lambda::Permission"):
        if function_of(stack, properties.get("FunctionName")) == logical and _permits(properties, message):
            return ""
    return f"no permission lets {message.service} call {logical} for {message.source}"


def _permits(properties: Mapping[str, Any], message: Message) -> bool:
    return (
        properties.get("Principal") == message.service
        and properties.get("Action") in ("lambda:InvokeFunction", "lambda:*")
        and covers(str(properties.get("SourceArn", "*")), message.source)
        and str(properties.get("SourceAccount", message.stack.scenario.account)) == message.stack.scenario.account
    )
