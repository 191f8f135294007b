"""What roles are granted, and what uses each grant."""

from typing import Any

import pytest
from stacks import arn, ref, resource, stack

from stackproof.evaluation.deployment import Deployment
from stackproof.iam.grants import grants

CODE = "import boto3\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl='https://x/1/q')"


def used_by(action: str, **code: str) -> set[tuple[str, ...]]:
    """Return what uses an action of the role of a function that sends to an encrypted queue."""
    allowed = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
    properties: dict[str, Any] = {
        "FunctionName": "f",
        "Handler": "index.handler",
        "Runtime": "python3.12",
        "Role": arn("R"),
    }
    item = stack(
        {
            "R": resource("IAM::Role", RoleName="r", Policies=[policy]),
            "K": resource("KMS::Key"),
            "Q": resource("SQS::Queue", QueueName="q", KmsMasterKeyId=ref("K")),
            "F": resource("Lambda::Function", Code=code, **properties),
        }
    )
    return {grant.used_by for grant in grants(Deployment("one", item, item))}


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("kms:Decrypt", ("send_message of F (it uses the key of Q), line 3",)),
        ("sqs:SendMessage", ("send_message of F, line 3",)),
        ("sns:Publish", ()),
    ],
)
def test_a_grant_is_used_by_what_needs_it_keys_too(action: str, why: tuple[str, ...]) -> None:
    assert used_by(action, ZipFile=CODE) == {why}


def test_where_not_all_needs_are_known_a_grant_that_nothing_known_uses_says_why() -> None:
    (why,) = used_by("sns:Publish", S3Bucket="b", S3Key="k")
    assert why == ("not known: what F does is not known: its code is not in the template",)
