"""Which services the code of a function calls, as far as its role or its code says."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.aws.data import facts
from stackproof.evaluation.stack import Stack
from stackproof.iam.need import role_of
from stackproof.iam.needs import needs_of
from stackproof.iam.statements import of_roles

BESIDE_CODE = ("ec2", "iam", "kms", "lambda", "logs", "sts", "xray")
"""What roles allow that Lambda itself, or another service for the function, uses as often as code does."""
ENDPOINTS: Mapping[str, str] = facts("services", "endpoint")


def services_called(stack: Stack, function: str) -> tuple[str, ...]:
    """Return the services that a function's code calls, by the prefix of their actions.

    Of code that is not in the template, they are those whose actions its role allows and nothing beside code needs.
    """
    role = role_of(stack, stack.resources[function].get("Properties", {}).get("Role"))
    if not role:
        return ()
    known, unknown = needs_of(stack)[role]
    read = [need for need in known if need.function is not None and need.function.logical == function]
    if read or not unknown:
        return tuple(dict.fromkeys(need.action.partition(":")[0].lower() for need in read))
    others = {need.action.partition(":")[0].lower() for need in known}
    allowed = [
        action for statement in of_roles(stack)[role] if statement.effect == "Allow" for action in statement.actions
    ]
    services = dict.fromkeys(action.partition(":")[0].lower() for action in allowed if ":" in action)
    return tuple(service for service in services if service not in others and service not in BESIDE_CODE)


def endpoint_service(service: str) -> str:
    """Return the end of the name that the endpoint of a service has."""
    return ENDPOINTS.get(service, service)
