"""AWS as the commands that deploy call it: clients, retries, and errors as one line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stackproof.foundation.finding import CannotTell, Stopped

RETRIED = Config(
    retries={"mode": "standard", "total_max_attempts": 10}, connect_timeout=10, user_agent_extra="stackproof"
)
"""Throttled calls are tried again, waiting up to 20 seconds. Source: boto3's guide, "Retries", standard mode."""

DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")


class Failed(Stopped):
    """AWS refused a change, or undid it: the deployment is broken, which is known.

    `code` is what AWS answered, "" where the failure is no answer of its own.
    """

    code = ""

    @property
    def denied(self) -> bool:
        return self.code in (*DENIED, "403") or "is not authorized to perform" in self.message


@dataclass(frozen=True)
class Cloud:
    """The account that the credentials in the environment open; `pause` seconds pass between two looks."""

    pause: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    clients: dict[tuple[str, str | None], Any] = field(default_factory=dict)

    def client(self, service: str, region: str | None) -> Any:
        if (service, region) not in self.clients:
            with_errors = with_clear_errors(lambda: session().client(service, region_name=region, config=RETRIED))
            self.clients[service, region] = with_errors
        return self.clients[service, region]

    def call(self, region: str, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        """Call CloudFormation; raise Failed or CannotTell for what it answers instead."""
        return self.ask("cloudformation", region, action, **arguments)

    def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        method = getattr(self.client(service, region), action)
        found: Mapping[str, Any] = with_clear_errors(lambda: method(**arguments))
        return found

    def wait(self) -> None:
        self.sleep(self.pause)

    def account(self) -> str:
        """Return the account that is deployed to."""
        return str(self.ask("sts", "us-east-1", "get_caller_identity")["Account"])


@cache
def session() -> Any:
    return boto3.session.Session()


def with_clear_errors(work: Callable[[], Any]) -> Any:
    """Do what may fail in AWS or on the way there; raise what happened as one line."""
    try:
        return work()
    except ClientError as error:
        raise answered(error) from error
    except BotoCoreError as error:
        message = " ".join(str(error).split())
        raise CannotTell(f"AWS cannot be called: {message}", fix="check credentials, region and network") from error


def answered(error: ClientError) -> Failed:
    """Return an error's answer as it is shown. `code` and `said` of the error stay readable."""
    code, message = error.response["Error"]["Code"], " ".join(error.response["Error"].get("Message", "").split())
    fix = "remove this cause and run the same again"
    if code in DENIED or "is not authorized to perform" in message:
        fix = "grant the caller this permission and run this again"
    elif code in EXPIRED:
        fix = "renew the credentials and run this again"
    failed = Failed(f"{error.operation_name}: {code}: {message}", fix=fix)
    failed.code = code
    return failed
