"""Runs a state machine in moto's interpreter of the Amazon States Language, without time and without AWS.

moto's interpreter (of LocalStack's) parses with the language's ANTLR grammar, walks the states, retries and catches.
Its JSONata needs a JVM that moto does not ship: jsonata-python stands in, with the functions that Step Functions adds.
Each call of a task goes to a client of boto3, which checks its parameters against the service's model, and is then
answered by the test.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast
from unittest import mock

import boto3
from botocore.awsrequest import AWSResponse
from moto.stepfunctions.parser.api import StateMachineType
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.intrinsic import jsonata as additions
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.eval import evaluation_details as details
from moto.stepfunctions.parser.asl.eval import states, variable_store
from moto.stepfunctions.parser.asl.jsonata import jsonata as bridge
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution_worker import SyncExecutionWorker
from moto.stepfunctions.parser.backend.execution_worker_comm import ExecutionWorkerCommunication


@dataclass(frozen=True)
class Error:
    """What a service refuses a call with."""

    code: str
    message: str
    status: int


Answer = Mapping[str, Any] | Error
Service = Callable[[str, dict[str, Any]], Answer]
"""What answers a call, by "service.Operation" and its parameters: a response, or an Error to be raised."""


@dataclass
class Run:
    """What a run did: the states entered, the calls made, the seconds waited and retried, and how it ended."""

    entered: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    retried: list[float] = field(default_factory=list)
    history: int = 0
    status: str = ""
    output: Any = None
    error: str = ""
    cause: str = ""

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]


class _Silent(ExecutionWorkerCommunication):
    def terminated(self) -> None:
        """Nobody waits for the end."""


@cache
def _language() -> Any:
    """Return jsonata-python; importing it raises the recursion limit, which other tests rely on: it is put back."""
    limit = sys.getrecursionlimit()
    try:
        return importlib.import_module("jsonata").Jsonata
    finally:
        sys.setrecursionlimit(limit)


def evaluated(expression: str) -> Any:
    """Work out a JSONata expression, with the functions that Step Functions adds to the language."""
    parsed = _language()(expression)
    parsed.register_lambda("hash", lambda data, name: hashlib.new(name.replace("-", ""), data.encode()).hexdigest())
    return parsed.evaluate(None)


def parse(definition: Mapping[str, Any]) -> None:
    """Parse a definition with the grammar of the language; raise ASLParserException for what it does not take."""
    AmazonStateLanguageParser.parse(json.dumps(definition))


def declarations(bindings: Mapping[str, Any]) -> str:
    """Return JSONata's declarations of variables; moto's own does not escape the quotes of a text."""
    return "".join(f"{name}:={json.dumps(value)};" for name, value in bindings.items())


@contextmanager
def _without_time(run: Run) -> Iterator[None]:
    def wait(_self: object, env: object, wait_seconds: float) -> None:  # noqa: ARG001 - is called by name
        run.waited.append(wait_seconds)

    with ExitStack() as patched:
        patched.enter_context(mock.patch.object(wait_function.WaitFunction, "_wait_interval", wait))
        patched.enter_context(mock.patch(f"{retrier_decl.__name__}.time.sleep", run.retried.append))
        patched.enter_context(mock.patch.object(bridge, "_eval_jsonata", evaluated))
        for module in (states, variable_store):
            patched.enter_context(mock.patch.object(module, "encode_jsonata_variable_declarations", declarations))
        patched.enter_context(mock.patch.dict(additions._DECLARATION_BY_VARIABLE_REFERENCE, {"$hash": ""}))
        yield


@cache
def _client(service: str, region: str) -> Any:
    """Return a client without an end: a handler of `before-call` answers for it."""
    session = boto3.Session(aws_access_key_id="k", aws_secret_access_key="s", region_name=region)
    return session.client(service)


class _Clients:
    """Makes clients of boto3 whose calls are checked, noted, and answered by the test."""

    def __init__(self, run: Run, service: Service) -> None:
        self.run, self.service = run, service

    def client(self, service_name: str, region_name: str, **_: Any) -> Any:
        made = _client(service_name, region_name)
        for event, handler in (("provide-client-params", self.note), ("before-call", self.answer)):
            made.meta.events.unregister(event, unique_id=event)
            made.meta.events.register(event, handler, unique_id=event)
        return made

    def note(self, params: dict[str, Any], **_: Any) -> None:
        self.given = dict(params)

    def answer(self, model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        name = f"{model.service_model.service_name}.{model.name}"
        self.run.calls.append((name, self.given))
        answer = self.service(name, self.given)
        status = answer.status if isinstance(answer, Error) else 200
        sent = {"HTTPStatusCode": status, "RequestId": "r"}
        if isinstance(answer, Error):
            parsed: dict[str, Any] = {"Error": {"Code": answer.code, "Message": answer.message}}
        else:
            parsed = dict(answer)
        return AWSResponse("https://localhost", status, {}, io.BytesIO()), {**parsed, "ResponseMetadata": sent}


def execute(definition: Mapping[str, Any], service: Service, payload: Any = None, name: str = "run-1") -> Run:
    """Run a definition to its end; calls go to `service`."""
    run = Run()
    arn = "arn:aws:states:us-east-1:111111111111"
    role = "arn:aws:iam::111111111111:role/r"
    worker = SyncExecutionWorker(
        details.EvaluationDetails(
            details.AWSExecutionDetails("111111111111", "us-east-1", role),
            details.ExecutionDetails(f"{arn}:execution:m:{name}", name, role, payload or {}, "2026-01-01T00:00:00Z"),
            details.StateMachineDetails(f"{arn}:stateMachine:m", "m", StateMachineType.STANDARD,
                                        json.dumps(definition)),
        ),
        _Silent(), None, {},
    )  # fmt: skip
    with _without_time(run), mock.patch.object(boto_client, "boto3", _Clients(run, service)):
        worker.start()  # type: ignore[no-untyped-call]
    assert worker.env is not None
    _note_history(run, cast(list[dict[str, Any]], worker.env.event_manager.get_event_history()))
    return run


def _note_history(run: Run, events: list[dict[str, Any]]) -> None:
    run.history = len(events)
    for event in events:
        entered = event.get("stateEnteredEventDetails")
        if entered:
            run.entered.append(entered["name"])
    last = events[-1]
    run.status = str(last["type"])
    failed = last.get("executionFailedEventDetails") or {}
    run.error, run.cause = failed.get("error", ""), failed.get("cause", "")
    succeeded = last.get("executionSucceededEventDetails") or {}
    run.output = json.loads(succeeded.get("output", "null"))
