"""CloudWatch Logs can use the key of every log group: the key's policy lets the service of the region in.

Logs encrypts as itself, not as who writes: what the account or a role may do with the key does not help. A log group
whose key leaves the service out is not created, and nothing is logged when the policy loses it later.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path, resources_by_name
from stackproof.aws.arn import covers
from stackproof.iam.statements import statements

APPLIES_TO = ("AWS::Logs::LogGroup",)
NEEDED = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        keys = resources_by_name(stack, "AWS::KMS::Key")
        for logical, properties in stack.of_type("AWS::Logs::LogGroup"):
            key = keys.get(str(properties.get("KmsKeyId", "")))
            missing = [action for action in NEEDED if key and not lets_in(stack, key, action)]
            if missing:
                service = f"logs.{stack.scenario.region}.amazonaws.com"
                message = f"{logical} is encrypted with {key}, whose policy does not let {service} do {missing[0]}"
                fix = "allow it kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey* and kms:Describe*"
                yield stack.finding(properties_path(logical, "KmsKeyId"), message, fix)


def lets_in(stack: Stack, key: str, action: str) -> bool:
    """Tell whether the policy of a key allows an action to CloudWatch Logs of the stack's region."""
    services = ("*", "logs.amazonaws.com", f"logs.{stack.scenario.region}.{stack.scenario.partition.suffix}")
    return any(
        statement.owner == key
        and statement.effect == "Allow"
        and any(covers(pattern, action, fold=True) for pattern in statement.actions)
        and any(kind in ("Service", "*") and name in services for kind, name in statement.principals)
        for statement in statements(stack)
    )
