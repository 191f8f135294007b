"""Calls of AWS for what a policy allows: of each action on each ARN one call that names it, by who has that policy.

What a call needs beside the resource is made up by its shape, so that many are refused as wrong, or find nothing;
whether they were let through is told all the same, as AWS and the emulator decide that first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stackproof.aws.data import facts
from stackproof.permissions.required import Required

DENIED = re.compile("AccessDenied|Unauthorized|AuthorizationError|NotAuthorized|is not authorized to perform")
PLAIN = Config(retries={"total_max_attempts": 1}, parameter_validation=False, connect_timeout=5, read_timeout=20)
CLIENTS: Mapping[str, str] = {"states": "stepfunctions", "backup-storage": ""}
"""The client of a service whose prefix in IAM is not its name; "" where there is none."""
OPERATIONS: Mapping[str, str] = {
    # Actions of S3 that are not called as their operations. Source: Amazon S3 User Guide, "Required permissions for
    # Amazon S3 API operations".
    "s3:DeleteBucketPolicy": "DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration": "GetBucketAccelerateConfiguration",
    "s3:GetAnalyticsConfiguration": "ListBucketAnalyticsConfigurations",
    "s3:GetBucketCORS": "GetBucketCors",
    "s3:GetBucketNotification": "GetBucketNotificationConfiguration",
    "s3:GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
    "s3:GetBucketPublicAccessBlock": "GetPublicAccessBlock",
    "s3:GetEncryptionConfiguration": "GetBucketEncryption",
    "s3:GetIntelligentTieringConfiguration": "ListBucketIntelligentTieringConfigurations",
    "s3:GetInventoryConfiguration": "ListBucketInventoryConfigurations",
    "s3:GetLifecycleConfiguration": "GetBucketLifecycleConfiguration",
    "s3:GetMetricsConfiguration": "ListBucketMetricsConfigurations",
    "s3:GetReplicationConfiguration": "GetBucketReplication",
    "s3:ListBucket": "ListObjectsV2",
    "s3:PutBucketNotification": "PutBucketNotificationConfiguration",
    "s3:PutBucketPublicAccessBlock": "PutPublicAccessBlock",
    "s3:PutEncryptionConfiguration": "PutBucketEncryption",
    "s3:PutLifecycleConfiguration": "PutBucketLifecycleConfiguration",
    "s3:PutReplicationConfiguration": "PutBucketReplication",
}
IDS: Mapping[str, str] = {
    "elastic-ip": "eipalloc", "internet-gateway": "igw", "natgateway": "nat", "route-table": "rtb",
    "security-group": "sg", "subnet": "subnet", "vpc": "vpc", "vpc-endpoint": "vpce", "vpc-peering-connection": "pcx",
}  # fmt: skip
SAMPLE = "0a1b2c3d4e5f60718"


@cache
def session() -> Any:
    """Return one session for all clients: each session reads every service's model anew."""
    return boto3.session.Session()


@dataclass
class Outcome:
    """What became of calls: those let through, those denied, and actions that no call of boto3 is for."""

    let_through: list[Required] = field(default_factory=list)
    denied: list[Required] = field(default_factory=list)
    without_call: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Caller:
    """Somebody with an access key, at an endpoint."""

    endpoint: str
    key: str
    secret: str
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        if (service, region) not in self.clients:
            keys = {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret}
            made = session().client(service, region, endpoint_url=self.endpoint, config=PLAIN, **keys)
            self.clients[service, region] = made
        return self.clients[service, region]

    def with_policies(self, name: str, documents: Sequence[Mapping[str, Any]]) -> Caller:
        """Make a user who has managed policies and nothing else."""
        iam = self.client("iam", "us-east-1")
        iam.create_user(UserName=name)
        for number, document in enumerate(documents):
            made = iam.create_policy(PolicyName=f"{name}{number}", PolicyDocument=json.dumps(document))
            iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Caller(self.endpoint, key["AccessKeyId"], key["SecretAccessKey"])

    def act(self, wanted: Iterable[Required], regions: Sequence[str]) -> Outcome:
        """Make a call for each action on each ARN."""
        outcome = Outcome()
        for item in wanted:
            found = self._operation(item, regions)
            if found is None:
                outcome.without_call.append(item.action)
                continue
            client, operation = found
            (outcome.denied if self._is_denied(client, operation, item) else outcome.let_through).append(item)
        return outcome

    def _operation(self, item: Required, regions: Sequence[str]) -> tuple[Any, str] | None:
        prefix, _, verb = item.action.partition(":")
        service = CLIENTS.get(prefix, prefix)
        region = item.resource.split(":")[3] if item.resource.startswith("arn:") else ""
        if not service or service not in session().get_available_services():
            return None
        client = self.client(service, region if region not in ("", "*") else regions[0])
        operation = OPERATIONS.get(item.action, verb)
        return (client, operation) if operation in client.meta.service_model.operation_names else None

    def _is_denied(self, client: Any, operation: str, item: Required) -> bool:
        shape = client.meta.service_model.operation_model(operation).input_shape
        named = dict(names(item.resource))
        parameters = {
            name: sample(name, member, named) for name, member in _members(shape) if _needed(name, shape, named)
        }
        try:
            client._make_api_call(operation, parameters)
        except ClientError as error:
            reason = error.response["Error"]
            return DENIED.search(f"{reason.get('Code')} {reason.get('Message')}") is not None
        except BotoCoreError:
            return False
        return False


def _members(shape: Any) -> Iterator[tuple[str, Any]]:
    yield from (shape.members if shape is not None else {}).items()


def _needed(name: str, shape: Any, named: Mapping[str, str]) -> bool:
    return name in shape.required_members or name.lower() in named


def names(arn: str) -> Iterator[tuple[str, str]]:
    """Give what parameters that name a resource are set to, by their names in lower case."""
    whole = arn.replace("??????", "abcdef").replace("*", SAMPLE)
    yield "arn", whole
    if not arn.startswith("arn:"):
        return
    resource = whole.split(":", 5)[5]
    kind = re.split("[:/]", resource)[0]
    name = resource.removeprefix(f"{kind}:").removeprefix(f"{kind}/") or resource
    yield "name", f"{IDS[kind]}-{SAMPLE}" if kind in IDS else name
    for service, forms in facts("services", "resource").items():
        if whole.split(":")[2] == service:
            near = {parameter: form for parameter, form in forms.items() if f":{kind}" in form or "/" not in form}
            yield from ((parameter.lower(), whole if form == "{name}" else name) for parameter, form in near.items())
    yield kind, name


def sample(name: str, shape: Any, named: Mapping[str, str]) -> Any:
    """Return a value for a parameter: the resource's own name, or ARN, or one that its shape takes."""
    low = name.lower()
    if shape.type_name == "string":
        if low in named and low not in ("arn", "name"):
            return named[low]
        if low.endswith("arn"):
            return named["arn"]
        if low.endswith("url"):
            return f"http://x/{named.get('name', 'x')}"
        if low.endswith(("name", "id", "bucket", "identifier", "resource")) and "name" in named:
            return named["name"]
        return shape.enum[0] if shape.enum else json.dumps({"Version": "2012-10-17", "Statement": []})
    if shape.type_name == "structure":
        return {
            key: sample(key, member, named) for key, member in shape.members.items() if key in shape.required_members
        }
    if shape.type_name == "list":
        return [sample(name.removesuffix("s"), shape.member, named)]
    samples = {"map": {}, "integer": 1, "long": 1, "boolean": False, "float": 1.0, "double": 1.0, "timestamp": 0}
    return samples.get(shape.type_name, b"x")
