"""Rules check each resource for itself: one that cannot be checked is an error, and the others are still checked."""

from types import SimpleNamespace
from typing import Any

from stacks import ACCOUNT, arn, resource, verdict

TRUST = {"Version": "2012-10-17", "Statement": []}
CALL = "import boto3\ndef handler(event, context):\n    boto3.client('dynamodb').put_item(TableName='t')"


def role(name: str, action: str | list[str], **properties: Any) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
    return resource("IAM::Role", RoleName=name, AssumeRolePolicyDocument=TRUST, Policies=[policy], **properties)


def function(role: str, **code: str) -> dict[str, Any]:
    return resource(
        "Lambda::Function",
        FunctionName=f"f-{role}",
        Handler="index.handler",
        Runtime="python3.12",
        Role=arn(role),
        Code=code,
    )


def permissions(resources: dict[str, Any]) -> Any:
    """Return what both rules about permissions say, each error once."""
    both = [verdict(rule, resources) for rule in ("permissions_suffice", "permissions_exact")]
    errors = {error.message: error for found_by in both for error in found_by.errors}
    return SimpleNamespace(
        findings=[found for found_by in both for found in found_by.findings], errors=tuple(errors.values())
    )


def test_what_is_not_known_of_one_role_is_said_of_that_role_and_another_is_still_judged() -> None:
    far = function("Far", S3Bucket="b", S3Key="k")
    resources = {
        "Far": role("far", "sqs:SendMessage"),
        "F": far,
        "Near": role("near", "sqs:SendMessage"),
        "G": function("Near", ZipFile=CALL),
    }
    outcome = permissions(resources)
    (error,) = outcome.errors
    assert error.message.startswith("what Far needs is not wholly known: what F does is not known")
    messages = {finding.message.partition(" on ")[0] for finding in outcome.findings}
    assert {"Near does not allow dynamodb:PutItem", "Near allows sqs:SendMessage"} <= messages
    assert not any(message.startswith("Far allows") for message in messages)


def test_needs_that_are_known_are_missed_in_a_role_of_which_not_all_is_known() -> None:
    far = function("Far", S3Bucket="b", S3Key="k")
    outcome = permissions({"Far": role("far", "sqs:SendMessage"), "F": far})
    assert any(finding.message.startswith("Far does not allow logs:PutLogEvents") for finding in outcome.findings)


def test_what_nothing_needs_is_found_beside_a_policy_that_is_not_known() -> None:
    policies = ["arn:aws:iam::111111111111:policy/Elsewhere"]
    held = role("near", "sqs:SendMessage", ManagedPolicyArns=policies)
    outcome = permissions({"Near": held, "G": function("Near", ZipFile=CALL)})
    (error,) = outcome.errors
    assert error.message == "what arn:aws:iam::111111111111:policy/Elsewhere allows Near is not known"
    assert {finding.message.partition(" on ")[0] for finding in outcome.findings} == {"Near allows sqs:SendMessage"}


AWS_POLICY = "arn:aws:iam::aws:policy/"
BASIC = f"{AWS_POLICY}service-role/AWSLambdaBasicExecutionRole"


def first(message: Any) -> set[str]:
    return {finding.message.partition(" on ")[0] for finding in message.findings}


def test_a_role_with_a_managed_policy_of_aws_is_judged_beside_what_it_lacks_and_what_nothing_needs() -> None:
    held = role("near", ["sqs:SendMessage", "sqs:DeleteMessage"], ManagedPolicyArns=[BASIC])
    outcome = permissions({"Near": held, "G": function("Near", ZipFile=CALL)})
    assert outcome.errors == ()
    assert first(outcome) == {
        "Near does not allow dynamodb:PutItem", "Near allows sqs:SendMessage", "Near allows sqs:DeleteMessage"
    }  # fmt: skip


def test_without_the_managed_policy_the_log_is_not_allowed() -> None:
    outcome = permissions({"Near": role("near", "sqs:Nothing"), "G": function("Near", ZipFile=CALL)})
    assert "Near does not allow logs:PutLogEvents" in first(outcome)


def test_a_managed_policy_that_allows_nothing_needed_is_found_where_it_is_attached() -> None:
    held = role("near", "dynamodb:PutItem", ManagedPolicyArns=[BASIC, f"{AWS_POLICY}AmazonSQSFullAccess"])
    outcome = permissions({"Near": held, "G": function("Near", ZipFile=CALL)})
    found = {
        (finding.at, finding.message) for finding in outcome.findings if "nothing that is needed" in finding.message
    }
    path = ("Resources", "Near", "Properties", "ManagedPolicyArns", 1)
    assert found == {(path, "Near holds AmazonSQSFullAccess, which allows nothing that is needed")}


def test_a_managed_policy_of_aws_that_is_not_known_leaves_one_role_undecided() -> None:
    far = role("far", "sqs:SendMessage", ManagedPolicyArns=[f"{AWS_POLICY}AmazonGroundStationAgentInstancePolicy"])
    resources = {
        "Far": far,
        "F": function("Far", ZipFile=CALL),
        "Near": role("near", "sqs:SendMessage", ManagedPolicyArns=[BASIC]),
        "G": function("Near", ZipFile=CALL),
    }
    outcome = permissions(resources)
    (error,) = outcome.errors
    assert error.message == f"what {AWS_POLICY}AmazonGroundStationAgentInstancePolicy allows Far is not known"
    assert first(outcome) == {
        "Far allows sqs:SendMessage", "Near allows sqs:SendMessage", "Near does not allow dynamodb:PutItem"
    }  # fmt: skip


def test_a_pattern_without_samples_leaves_the_other_rules_of_events_checked() -> None:
    strange = resource("Events::Rule", EventPattern={"source": ["aws.fnord"], "detail-type": ["Fnord"]})
    wide = resource("Events::Rule", EventPattern={"detail-type": ["Fnord"]})
    outcome = verdict("event_patterns_own", {"Strange": strange, "Wide": wide})
    assert outcome.errors == ()
    assert {finding.message for finding in outcome.findings} == {"Wide takes events of any source"}


def test_a_role_of_an_unknown_user_leaves_the_trust_of_others_checked() -> None:
    unknown = resource("AppSync::DataSource", ServiceRoleArn=arn("Far"))
    resources = {"Far": role("far", "sqs:SendMessage"), "It": unknown, "Unused": role("u", "sqs:SendMessage")}
    outcome = verdict("trust_exact", resources)
    assert [error.message for error in outcome.errors] == ["which service assumes Far for It is not known"]
    assert {finding.message for finding in outcome.findings} == {"nothing uses the role Unused"}


def alarm(namespace: str, name: str) -> dict[str, Any]:
    return resource(
        "CloudWatch::Alarm", Namespace=namespace, MetricName=name, Dimensions=[], Period=60, Statistic="Sum"
    )


def test_a_metric_that_is_not_known_leaves_the_other_alarms_checked() -> None:
    outcome = verdict("alarm_metrics_exist", {"A": alarm("AWS/Fnord", "X"), "B": alarm("Mine", "Y")})
    assert outcome.errors == ()
    assert {finding.message.partition(",")[0] for finding in outcome.findings} == {"B watches Mine Y of nothing"}


def test_a_function_that_is_not_known_hides_no_metric_that_another_puts() -> None:
    putting = CALL.replace("dynamodb", "cloudwatch").replace(
        "put_item(TableName='t')", "put_metric_data(Namespace='Mine', MetricData=[{'MetricName': 'Y'}])"
    )
    other = function("R", ZipFile="exports.handler = 1")
    other["Properties"].update(Runtime="nodejs22.x", FunctionName="g")
    resources = {
        "R": role("r", "sqs:SendMessage"),
        "O": other,
        "F": function("R", ZipFile=putting),
        "B": alarm("Mine", "Y"),
    }
    assert verdict("alarm_metrics_exist", resources).errors == ()
    assert len(verdict("alarm_metrics_exist", {**resources, "C": alarm("Mine", "Z")}).errors) == 1


def test_a_receiver_that_is_not_known_leaves_the_other_messages_checked() -> None:
    target = resource("KinesisFirehose::DeliveryStream", DeliveryStreamName="d")
    rule = resource(
        "Events::Rule", Targets=[{"Id": "1", "Arn": arn("D")}, {"Id": "2", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"}]
    )
    queue = resource("SQS::Queue", QueueName="other")
    outcome = verdict("messages_arrive", {"D": target, "Rule": rule, "Queue": queue})
    assert outcome.errors == ()
    assert any("no stack creates arn:aws:sqs" in finding.message for finding in outcome.findings)
