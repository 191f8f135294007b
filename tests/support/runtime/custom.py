"""CloudFormation's side of a custom resource: requests with every value as text, and the address that takes answers.

Sources: AWS CloudFormation User Guide, "Custom resource request objects", "Custom resource response objects" (at most
4,096 bytes, three ids as they came), "AWS::CloudFormation::CustomResource" (ServiceTimeout); AWS Lambda Developer
Guide, "How Lambda handles errors and retries with asynchronous invocation" (two more attempts: Function.send).
"""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from runtime.function import Function

IDS = ("StackId", "RequestId", "LogicalResourceId")
SIGNED = "/answers?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20240615T053818Z&X-Amz-Expires=7200&X-Amz-Signature=0"


class Put(NamedTuple):
    """A request that reached the address."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class Receiver(ThreadingHTTPServer):
    """An address on this machine that answers are put to.

    `conduct` holds what befalls the next requests: a status, "drop" (no answer), "slow" (none while the client waits),
    "garbage" (no HTTP).
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.conduct: deque[int | str] = deque()
        self.puts: list[Put] = []
        self.gone = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{SIGNED}"

    def taken(self) -> list[dict[str, Any]]:
        """Return the answers that were accepted."""
        return [json.loads(put.body) for put in self.puts if put.status == 200]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        conduct = self.server.conduct.popleft() if self.server.conduct else 200
        # The address is signed for no content type: S3 refuses another.
        status = 403 if self.headers.get("Content-Type") or self.command != "PUT" else conduct
        known = status if isinstance(status, int) else 0
        self.server.puts.append(Put(self.command, self.path, dict(self.headers), body, known))
        if not known:
            if status == "slow":
                self.server.gone.wait(2)
            elif status == "garbage":
                self.wfile.write(b"nonsense\r\n\r\n")
            self.close_connection = True
            return
        self.send_response(known)
        if known in (301, 302, 303, 307):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_GET = do_POST = _take  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Print nothing."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()


def as_text(value: Any) -> Any:
    """Return properties as CloudFormation sends them: every value of them a string."""
    if isinstance(value, Mapping):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


class CustomResource:
    """A custom resource of a stack, in one of its deployments."""

    def __init__(self, function: Function, address: Receiver, logical: str = "") -> None:
        self.function, self.address = function, address
        found = dict(function.aws.stack.of_type("AWS::CloudFormation::CustomResource"))
        self.logical = logical or next(iter(found))
        self.properties = dict(found[self.logical])
        scenario = function.aws.stack.scenario
        self.stack_id = f"arn:aws:cloudformation:{scenario.region}:{scenario.account}:stack/{scenario.stack}/guid"
        self.physical = ""
        self._requests = itertools.count(1)

    def event(self, kind: str, **properties: Any) -> dict[str, Any]:
        """Return a request of a kind, with the template's properties and those given."""
        physical = {"PhysicalResourceId": self.physical} if self.physical else {}
        return {
            "RequestType": kind,
            "ResponseURL": self.address.url,
            "StackId": self.stack_id,
            "RequestId": f"request-{next(self._requests)}",
            "ResourceType": "AWS::CloudFormation::CustomResource",
            "LogicalResourceId": self.logical,
            "ResourceProperties": as_text(self.properties | properties),
        } | physical

    def request(self, kind: str, **properties: Any) -> dict[str, Any]:
        """Make a request and return the one answer to it; raise TimeoutError if none comes, ever."""
        event = self.event(kind, **properties)
        answer = self.send(event)
        assert {name: answer[name] for name in IDS} == {name: event[name] for name in IDS}
        self.physical = answer["PhysicalResourceId"]
        return answer

    def send(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the function asynchronously with an event: Lambda runs it again if it fails, twice.

        The invocation is over when this looks for the answer, so the hour that CloudFormation would wait is not waited.
        """
        before = len(self.address.taken())
        self.function.send(event, request=f"invocation-{event.get('RequestId')}")
        answers = self.address.taken()[before:]
        if not answers:
            raise TimeoutError("CloudFormation did not receive a response from your Custom Resource")
        assert len(answers) == 1, f"{len(answers)} answers to one request"
        return answers[0]
