"""What else calls functions by their permission: log groups, rules of IoT, and what else a table names."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.evaluation.stack import Stack
from stackproof.foundation.memo import memoised
from stackproof.foundation.values import properties_path, values_at
from stackproof.monitoring.delivery import Message
from stackproof.topology.event_sources import function_of

CALLERS = {
    "AWS::IoT::TopicRule": (
        ("TopicRulePayload.Actions.*.Lambda.FunctionArn", "TopicRulePayload.ErrorAction.Lambda.FunctionArn"),
        "iot.amazonaws.com",
    ),
    "AWS::Cognito::UserPool": (
        tuple(
            f"LambdaConfig.{trigger}"
            for trigger in (
                "CreateAuthChallenge", "CustomMessage", "DefineAuthChallenge", "PostAuthentication",
                "PostConfirmation", "PreAuthentication", "PreSignUp", "PreTokenGeneration", "UserMigration",
                "VerifyAuthChallengeResponse",
            )
        ),
        "cognito-idp.amazonaws.com",
    ),
    "AWS::SES::ReceiptRule": (("Rule.Actions.*.LambdaAction.FunctionArn",), "ses.amazonaws.com"),
}  # fmt: skip
"""Types that call a function: where they name it, and who calls. Source: Lambda Developer Guide, "Using AWS Lambda with
AWS IoT", "Using Lambda with Amazon Cognito";
Amazon SES Developer Guide, "Giving permissions to Amazon SES for email receiving"."""
LOGS = "logs.amazonaws.com"


@memoised
def calls(stack: Stack) -> tuple[Message, ...]:
    """Return the calls of functions of the stack by log groups, and those by services that no permission names.

    A log group's events come from its ARN with `:*` at the end, which a permission has to cover. Source: CloudWatch
    Logs User Guide, "Example 2: Subscription filters with AWS Lambda".
    """
    return tuple(_calls(stack))


def _calls(stack: Stack) -> Iterator[Message]:
    for kind, (places, service) in CALLERS.items():
        for logical, properties in stack.of_type(kind):
            for place in places:
                for path, to in values_at(properties, place):
                    if (function := function_of(stack, to)) and not _let_in(stack, function, service):
                        arn = str(stack.evaluator.references.attribute(logical, "Arn"))
                        yield Message(stack, properties_path(logical, *path), service, arn, str(to))
    for logical, properties in stack.of_type("AWS::Logs::SubscriptionFilter"):
        to = properties.get("DestinationArn")
        if function := function_of(stack, to):
            scenario = stack.scenario
            regional = f"logs.{scenario.region}.{scenario.partition.suffix}"
            service = regional if _let_in(stack, function, regional) else LOGS
            where = f"arn:{scenario.partition.name}:logs:{scenario.region}:{scenario.account}"
            source = f"{where}:log-group:{properties.get('LogGroupName')}:*"
            yield Message(stack, properties_path(logical, "DestinationArn"), service, source, str(to))


def _let_in(stack: Stack, function: str, service: str) -> bool:
    """Tell whether a permission lets a service call a function, on whose behalf it may be."""
    return any(
        properties.get("Principal") in (service, "*") and function_of(stack, properties.get("FunctionName")) == function
        for _, properties in stack.of_type("AWS::Lambda::Permission")
    )
