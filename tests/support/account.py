"""An account of moto's, with answers of calls that moto does not know: each held to the shape that botocore states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore.validate import validate_parameters
from moto.core.models import DEFAULT_ACCOUNT_ID

from stackproof.deploy.client import Cloud, Failed

ACCOUNT = DEFAULT_ACCOUNT_ID
MODELS = botocore.session.Session()
CLIENTS: dict[tuple[str, str | None], Any] = {}
"""Clients are made once for all tests: to make one costs more than all its calls."""

Answers = Mapping[tuple[str, str], Any]


def answered(code: str, message: str = "") -> Failed:
    """Return what `Cloud.ask` raises for an answer of AWS."""
    failed = Failed(f"Operation: {code}: {message}")
    failed.code = code
    return failed


NO_STACK = answered("ValidationError", "Stack with id x does not exist")
DENIED = answered("AccessDenied", "User: x is not authorized to perform: it")


@dataclass(frozen=True)
class Account(Cloud):
    """moto's account. `answers` holds, by client and operation, what is answered instead: a value, an error, or by
    region one of both; every call is noted in `calls`."""

    clients: dict[tuple[str, str | None], Any] = field(default_factory=lambda: CLIENTS)
    answers: Answers = field(default_factory=dict)
    calls: list[tuple[str, str | None, str]] = field(default_factory=list)

    def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        self.calls.append((service, region, action))
        answer = self.answers.get((service, action))
        if isinstance(answer, Mapping) and region in answer:
            answer = answer[region]
        if answer is None:
            return super().ask(service, region, action, **arguments)
        if isinstance(answer, Failed):
            raise answer
        name = "".join(part.capitalize() for part in action.split("_"))
        validate_parameters(answer, MODELS.get_service_model(service).operation_model(name).output_shape)
        found: Mapping[str, Any] = answer
        return found


def resource(kind: str, name: str, status: str = "CREATE_COMPLETE") -> dict[str, Any]:
    """Return a resource of a stack as ListStackResources tells of it."""
    return {
        "LogicalResourceId": "One",
        "PhysicalResourceId": name,
        "ResourceType": kind,
        "LastUpdatedTimestamp": "2026-01-01T00:00:00Z",
        "ResourceStatus": status,
    }
