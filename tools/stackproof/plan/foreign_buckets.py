"""What the owner of a bucket in another account has to set before replicas may go there."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.evaluation.deployment import resolved
from stackproof.evaluation.scenario import Pair
from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.topology.resource_index import resource_of

NAME = 64
"""Characters of a role's name. Source: IAM API Reference, "CreateRole"."""
RANDOM = 13
"""Characters that CloudFormation puts behind a name that it makes, with its hyphen."""


def owners_part(template: Document, pair: Pair) -> str:
    """Return what the owners of foreign buckets have to do, as commands and policies; "" if there is no such bucket.

    Source: Amazon S3 User Guide, "Setting up permissions for live replication", on buckets of different accounts.
    """
    parts = [part for stack in resolved(template, pair).stacks for part in _of_stack(stack)]
    return "\n\n".join(dict.fromkeys(parts))


def _of_stack(stack: Stack) -> Iterator[str]:
    for _, properties in stack.of_type("AWS::S3::Bucket"):
        configuration = properties.get("ReplicationConfiguration", {})
        for rule in configuration.get("Rules", []):
            to = rule.get("Destination", {})
            account = str(to.get("Account", stack.scenario.account))
            if account != stack.scenario.account and rule.get("Status") == "Enabled":
                yield _asked(stack, account, str(configuration.get("Role")), rule)


def _asked(stack: Stack, account: str, role: str, rule: Mapping[str, Any]) -> str:
    arn = str(rule["Destination"]["Bucket"])
    name = shlex.quote(arn.rpartition(":")[2])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [_statement(stack, arn, role, rule)]}, indent=2)
    comment = f"# The account {account}, for its bucket {name}, in another region than {stack.scenario.region}:"
    versioned = f"aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled"
    put = f"aws s3api put-bucket-policy --bucket {name} --policy {shlex.quote(policy)}"
    return "\n".join(
        (comment, versioned, "# the statement belongs into the policy that the bucket may have already", put)
    )


def _statement(stack: Stack, arn: str, role: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement that lets the role in: by its ARN, or by the names that CloudFormation makes for it."""
    actions = ["s3:ReplicateObject", "s3:ReplicateTags"]
    if rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled":
        actions.append("s3:ReplicateDelete")
    if "AccessControlTranslation" in rule["Destination"]:
        actions.append("s3:ObjectOwnerOverrideToBucketOwner")
    logical = resource_of(stack, role)
    named = logical is None or "RoleName" in stack.resources[logical].get("Properties", {})
    whose = (
        {"AWS": role} if named else {"AWS": f"arn:{stack.scenario.partition.name}:iam::{stack.scenario.account}:root"}
    )
    statement = {"Effect": "Allow", "Principal": whose, "Action": actions, "Resource": f"{arn}/*"}
    if not named:
        begin = f"{stack.scenario.stack}-{logical}"
        # A longer name is cut in the middle, which leaves the beginning of the stack's.
        begin = f"{begin}-" if len(begin) + RANDOM <= NAME else stack.scenario.stack[: (NAME - RANDOM) // 3]
        pattern = f"arn:{stack.scenario.partition.name}:iam::{stack.scenario.account}:role/{begin}*"
        statement["Condition"] = {"ArnLike": {"aws:PrincipalArn": pattern}}
    return statement
