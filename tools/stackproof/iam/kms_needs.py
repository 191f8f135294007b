"""What a role needs of the customer keys that encrypt what it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from stackproof.aws.data import facts
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.iam.need import Need, UnknownNeed, arn, of_role
from stackproof.topology.replication import encryption
from stackproof.topology.resource_index import resources_by_name


def of_keys(stack: Stack, needs: Iterable[Need]) -> Iterator[Need | UnknownNeed]:
    """Give what other needs make necessary, where their resource is encrypted with a customer key."""
    for need in needs:
        yield from of_role(need.role, _of_need(stack, need))


def _of_need(stack: Stack, need: Need) -> Iterator[Need]:
    service, _, verb = need.action.lower().partition(":")
    named = need.covers().split("/")[0] if service == "s3" else need.covers()
    for kind, needed in facts("services", "encrypted").get(service, {}).items():
        logical = resources_by_name(stack, kind).get(named)
        actions = next((key_actions for name, key_actions in needed.items() if name.lower() == verb), ())
        if actions and logical:
            yield from _of_key(stack, need, service, logical, actions)


def _of_key(stack: Stack, need: Need, service: str, logical: str, actions: Iterable[str]) -> Iterator[Need]:
    resource = stack.resources[logical]
    key = _below(resource.get("Properties", {}), facts("resource_types", "key")[resource["Type"]])
    if key and not str(key).rpartition(":")[2].startswith("alias/aws/"):
        region = stack.scenario.region
        context = {"kms:ViaService": f"{service}.{region}.{stack.scenario.partition.suffix}"}
        if service == "s3":
            context |= _of_bucket(stack, logical, need)
        where = key_arn(stack, str(key), need)
        for action in actions:
            why = f"{need.why} (it uses the key of {logical})"
            yield replace(need, action=f"kms:{action}", resource=where, least="", why=why, context=context)


def _of_bucket(stack: Stack, logical: str, need: Need) -> dict[str, str]:
    """Return the encryption context by which S3 asks for a key: the bucket with a bucket key, else the object if known.

    Source: Amazon S3 User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys".
    """
    if encryption(stack.resources[logical].get("Properties", {})).bucket_key:
        return {"kms:EncryptionContext:aws:s3:arn": str(stack.evaluator.references.attribute(logical, "Arn"))}
    known = not set("*?{$").intersection(need.covers())
    return {"kms:EncryptionContext:aws:s3:arn": need.covers()} if known else {}


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
