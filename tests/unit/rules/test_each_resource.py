"""Rules check each resource for itself: one that cannot be checked is an error, and the others are still checked."""

from typing import Any

from stacks import arn, resource, verdict

TRUST = {"Version": "2012-10-17", "Statement": []}
CALL = "import boto3\ndef handler(event, context):\n    boto3.client('dynamodb').put_item(TableName='t')"


def role(name: str, action: str, **properties: Any) -> dict[str, Any]:
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


def test_what_is_not_known_of_one_role_is_said_of_that_role_and_another_is_still_judged() -> None:
    far = function("Far", S3Bucket="b", S3Key="k")
    resources = {
        "Far": role("far", "sqs:SendMessage"),
        "F": far,
        "Near": role("near", "sqs:SendMessage"),
        "G": function("Near", ZipFile=CALL),
    }
    said = verdict("permissions_exact", resources)
    (error,) = said.errors
    assert error.message.startswith("what Far needs is not wholly known: what F does is not known")
    messages = {finding.message.partition(" on ")[0] for finding in said.findings}
    assert {"Near does not allow dynamodb:PutItem", "Near allows sqs:SendMessage"} <= messages
    assert not any(message.startswith("Far allows") for message in messages)


def test_needs_that_are_known_are_missed_in_a_role_of_which_not_all_is_known() -> None:
    far = function("Far", S3Bucket="b", S3Key="k")
    said = verdict("permissions_exact", {"Far": role("far", "sqs:SendMessage"), "F": far})
    assert any(one.message.startswith("Far does not allow logs:PutLogEvents") for one in said.findings)


def test_what_nothing_needs_is_found_beside_a_policy_that_is_not_known() -> None:
    policies = ["arn:aws:iam::111111111111:policy/Elsewhere"]
    held = role("near", "sqs:SendMessage", ManagedPolicyArns=policies)
    said = verdict("permissions_exact", {"Near": held, "G": function("Near", ZipFile=CALL)})
    (error,) = said.errors
    assert error.message == "what arn:aws:iam::111111111111:policy/Elsewhere allows Near is not known"
    assert {one.message.partition(" on ")[0] for one in said.findings} == {"Near allows sqs:SendMessage"}
