"""What a role needs of the customer keys that encrypt what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.iam.need import Need, UnknownNeed, arn, of_role
from stackproof.topology.resource_index import resources_by_name

BOTH = ("Decrypt", "GenerateDataKey")
KEYED: Mapping[str, tuple[str, str, Mapping[str, tuple[str, ...]]]] = {
    # Of a service the type that may be encrypted, the path to its key, and the actions on the key that go with those on
    # the resource. Source: Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs"; Amazon SQS
    # Developer Guide, "Amazon SQS key management"; Amazon Kinesis Data Streams Developer Guide, "Permissions to use
    # user-generated KMS keys"; Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys"; AWS Secrets
    # Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager".
    "sns": ("AWS::SNS::Topic", "KmsMasterKeyId", {"publish": BOTH}),
    "sqs": ("AWS::SQS::Queue", "KmsMasterKeyId", {"sendmessage": BOTH, "receivemessage": ("Decrypt",)}),
    "kinesis": (
        "AWS::Kinesis::Stream",
        "StreamEncryption.KeyId",
        {"getrecords": ("Decrypt",), "putrecord": ("GenerateDataKey",), "putrecords": ("GenerateDataKey",)},
    ),
    "s3": (
        "AWS::S3::Bucket",
        "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID",
        {"getobject": ("Decrypt",), "putobject": BOTH},
    ),
    "secretsmanager": ("AWS::SecretsManager::Secret", "KmsKeyId", {"getsecretvalue": ("Decrypt",)}),
}


def of_keys(stack: Stack, needs: Iterable[Need]) -> Iterator[Need | UnknownNeed]:
    """Give what other needs make necessary, where their resource is encrypted with a customer key."""
    for need in needs:
        yield from of_role(need.role, _of_need(stack, need))


def _of_need(stack: Stack, need: Need) -> Iterator[Need]:
    service, _, verb = need.action.lower().partition(":")
    kind, path, actions = KEYED.get(service, ("", "", {}))
    logical = resources_by_name(stack, kind).get(need.covers().split("/")[0] if service == "s3" else need.covers())
    if verb in actions and logical:
        key = _below(stack.resources[logical].get("Properties", {}), path)
        if key and not str(key).rpartition(":")[2].startswith("alias/aws/"):
            region = stack.scenario.region
            context = {"kms:ViaService": f"{service}.{region}.{stack.scenario.partition.suffix}"}
            where = key_arn(stack, str(key), need)
            for action in actions[verb]:
                why = f"{need.why}, through the key of {logical}"
                yield replace(need, action=f"kms:{action}", resource=where, least="", why=why, context=context)


def key_arn(stack: Stack, key: str, need: Need) -> str:
    """Return the ARN of the key that a name, an id or an alias means; raise CannotTell for an alias of nobody."""
    for _, alias in stack.of_type("AWS::KMS::Alias"):
        if str(alias.get("AliasName")) == key:
            key = str(alias.get("TargetKeyId"))
    if key.startswith("alias/"):
        raise CannotTell(f"which key {key} means is not known", stack.place(need.path), "name the key itself")
    return key if key.startswith("arn:") else arn(stack, "kms", f"key/{key}")


def _below(value: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value
