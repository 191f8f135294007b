"""What is known of a request beside its action and resource: by which network it comes, and what its caller sends.

Source: IAM User Guide, "AWS global condition context keys": which keys a request has, and when it has none.
"""

from __future__ import annotations

from stackproof.evaluation.stack import Stack
from stackproof.foundation.values import is_true
from stackproof.iam.conditions import PUBLIC
from stackproof.iam.need import Need
from stackproof.iam.services_called import endpoint_service
from stackproof.topology.endpoints import is_interface, serves
from stackproof.topology.network import functions_in_vpc, vpc_of

ABSENT = ("aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:SourceAccount", "aws:SourceArn")
"""Keys that a request by a role of a service does not have: they are of people, and of services as principals."""
HEADERS = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-storage-class": "StorageClass",
}
"""Keys of S3 that are headers, and the parameters by which boto3 sends them. Source: Service Authorization Reference,
"Condition keys for Amazon S3"; Boto3 documentation, put_object."""
Known = dict[str, str | tuple[str, ...] | None]


def role_arn(stack: Stack, role: str) -> str:
    return str(stack.evaluator.references.attribute(role, "Arn"))


def context_of(stack: Stack, need: Need) -> Known:
    """Return the condition keys of the request that a need makes, None for those that it does not have."""
    context: Known = dict(need.request(stack))
    context |= {
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": role_arn(stack, need.role),
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
    }
    context |= dict.fromkeys(ABSENT)
    if "kms:ViaService" in need.context:
        return context  # another service asks for it: by which way is not the caller's
    if need.action.lower() == "s3:putobject":
        text = need.function.text if need.function is not None else ""
        context |= {key: None for key, parameter in HEADERS.items() if parameter not in text}
    return context | _network(stack, need)


def _network(stack: Stack, need: Need) -> Known:
    """Return by which network a request comes: code in a VPC by an endpoint or by a NAT gateway, all else by none.

    What a service does with a role (replication, deliveries, backups) comes by no endpoint of the account.
    """
    outside: Known = {"aws:SourceVpc": None, "aws:SourceVpce": None, "aws:VpcSourceIp": None, "aws:SourceIp": PUBLIC}
    if need.function is None:
        return outside
    for function, subnets, _ in functions_in_vpc(stack):
        if function == need.function.logical:
            used = endpoint_of(stack, subnets, need.action)
            if not subnets:
                return {}
            if used is None:
                return outside
            blocks = tuple(
                str(stack.resources[subnet].get("Properties", {}).get("CidrBlock", "")) for subnet in subnets
            )
            vpce, vpc = str(stack.evaluator.references.ref(used)), str(vpc_of(stack, subnets[0]))
            address = blocks[0] if len(set(blocks)) == 1 else ""
            by: Known = {"aws:SourceVpc": vpc, "aws:SourceVpce": vpce, "aws:SourceIp": None}
            return by | {"aws:VpcSourceIp": address} if address else by
    return outside


def endpoint_of(stack: Stack, subnets: list[str], action: str) -> str | None:
    """Return the endpoint by which what runs in some subnets asks for an action; None if it goes another way."""
    service = endpoint_service(action.partition(":")[0].lower())
    used = next((endpoint for subnet in subnets if (endpoint := serves(stack, subnet, service))), None)
    if used is None:
        return None
    properties = stack.resources[used].get("Properties", {})
    by_name = not is_interface(properties) or is_true(properties.get("PrivateDnsEnabled", True))
    return used if by_name else None


def of_service(stack: Stack, source: str, *, sends_source: bool) -> Known:
    """Return the condition keys of a request by a service itself, of which `source` is the cause."""
    account = stack.scenario.account
    named: Known = {"aws:SourceArn": source, "aws:SourceAccount": account}
    named = named if sends_source else dict.fromkeys(named)
    absent = ("aws:SourceVpc", "aws:SourceVpce", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalAccount")
    return {
        "aws:SecureTransport": "true",
        "aws:PrincipalIsAWSService": "true",
        "aws:SourceIp": PUBLIC,
        **dict.fromkeys((*absent, "aws:MultiFactorAuthPresent")),
        **named,
    }
