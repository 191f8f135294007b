"""The services that Step Functions calls through its `aws-sdk` integrations: which client of boto3, which actions.

Step Functions names a service as the AWS SDK for Java does. That is mostly boto3's name without its hyphens; where it
is another one, `data/sdk_services.yaml` has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from stackproof.aws.botocore_files import clients, signing_names
from stackproof.aws.data import facts
from stackproof.aws.iam_actions import Action, action, is_service

WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def _by_name() -> Mapping[str, str]:
    other: Mapping[str, str] = facts("sdk_services", "client")
    plain = {name.replace("-", ""): name for name in clients() if name not in other.values()}
    return {**plain, **other}


@cache
def client_of(service: str) -> str:
    """Return boto3's name of a service, by Step Functions' name of it, "" if none is known."""
    return _by_name().get(service, "")


@cache
def prefix(service: str) -> str:
    """Return the prefix of a service's actions in IAM, by Step Functions' name of the service, "" if none is known."""
    client = client_of(service)
    other = facts("services", "clients")
    stated = [name for name, clients_of in other.items() if client in clients_of]
    return next((name for name in (*stated, *signing_names(client), client) if is_service(name)), "") if client else ""


@cache
def allowing(service: str, operation: str) -> tuple[Action, ...]:
    """Return the actions that allow an operation of a service; none where none is known."""
    of = prefix(service)
    method = WORDS.sub("_", operation).lower()
    verbs = facts("services", "actions").get(of, {}).get(method, [operation])
    found = [action(f"{of}:{verb}") for verb in verbs] if of else []
    return tuple(member for member in found if member)
