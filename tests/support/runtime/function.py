"""Lambda, as far as a function can tell: containers, JSON in and out, a context, a timeout, a log, a network."""

from __future__ import annotations

import contextlib
import io
import json
import os
import traceback
import uuid
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from runtime.aws import Aws, Killed
from runtime.clock import Clock, TimedOut
from runtime.roles import Role
from stackproof.code import modules
from stackproof.code.inline import Inline, inline_functions
from stackproof.foundation.finding import Place
from stackproof.iam import simulation
from stackproof.iam.need import arn, role_of

ATTEMPTS = 3
EXTRACTED = "STACKPROOF_HANDLERS"
"""The folder to which `stackproof handlers` wrote the code, if that is to run: coverage is measured on it."""


@dataclass(frozen=True)
class Result:
    """What an invocation came to: a payload, or an error as Lambda reports it."""

    payload: Any = None
    error: str = ""
    message: str = ""
    trace: str = ""


class Context:
    """What a handler is given beside the event. Source: Lambda Developer Guide, "Using the Lambda context object"."""

    def __init__(self, clock: Clock, request: str, environment: dict[str, str], invoked: str) -> None:
        self._clock = clock
        self.aws_request_id = request
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = invoked

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._clock.deadline - self._clock.now) * 1000))


class Function:
    """A function of a stack in its account; `module` is its one warm container, None when it is cold."""

    def __init__(self, aws: Aws, logical: str, policies: tuple[simulation.Policy, ...] | None = None) -> None:
        self.aws = aws
        self.inline = next(function for function in inline_functions(aws.stack) if function.logical == logical)
        role = role_of(aws.stack, self.inline.properties["Role"])
        self.role = Role(aws.stack, role, simulation.policies(aws.stack)[role] if policies is None else policies)
        self.code = code_of(self.inline)
        self.environment = modules.environment(self.inline)
        self.timeout = float(self.inline.properties["Timeout"])
        self.module: ModuleType | None = None
        self.containers = 0

    def create(self) -> bool:
        """Attach the function to its network; tell whether its role lets Lambda do so.

        Source: Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
        """
        network = self.inline.properties.get("VpcConfig", {})
        if not network:
            return True
        ends = [f"subnet/{subnet_id}" for subnet_id in network["SubnetIds"]]
        ends += [f"security-group/{item}" for item in network["SecurityGroupIds"]]
        named = [self._ec2(item) for item in ("network-interface/*", *ends)]
        return (
            self.aws.may(self.role, "ec2:DescribeSubnets", "*")
            and all([self.aws.may(self.role, "ec2:CreateNetworkInterface", item) for item in named])
            and self.aws.may(self.role, "ec2:DescribeNetworkInterfaces", "*")
            and self.aws.may(self.role, "ec2:AssignPrivateIpAddresses", self._interface())
        )

    def delete(self) -> bool:
        """Give the network interfaces back; tell whether the role lets Lambda do so."""
        if "VpcConfig" not in self.inline.properties:
            return True
        return self.aws.may(self.role, "ec2:UnassignPrivateIpAddresses", self._interface()) and self.aws.may(
            self.role, "ec2:DeleteNetworkInterface", self._interface()
        )

    def _ec2(self, resource: str) -> str:
        return arn(self.aws.stack, "ec2", resource)

    def _interface(self) -> str:
        return self._ec2("network-interface/eni-0123456789abcdef0")

    def invoke(self, event: Any, request: str = "", trace: str = "") -> Result:
        """Invoke the function with an event as JSON, in the warm container if there is one."""
        request = request or str(uuid.uuid4())
        text, printed = json.dumps(event), io.StringIO()
        if self.module is None:
            self.containers += 1
            stream = f"2024/06/15/[$LATEST]{self.containers:032x}"
            self.environment["AWS_LAMBDA_LOG_STREAM_NAME"] = stream
        try:
            with (
                self.aws.acting_as(self.role, self.environment),
                contextlib.redirect_stdout(printed),
                self.aws.clock.limit(self.timeout),
            ):
                if trace:
                    os.environ["_X_AMZN_TRACE_ID"] = trace
                return self._run(json.loads(text), request)
        except TimedOut:
            self.module = None
            return Result(error="Sandbox.Timedout", message=f"Task timed out after {self.timeout:.2f} seconds")
        except Killed:
            self.module = None
            return Result(error="Runtime.ExitError", message="Runtime exited without providing a reason")
        finally:
            self._ship(printed.getvalue().splitlines())

    def send(self, event: Any, request: str = "") -> Result:
        """Invoke the function asynchronously: Lambda runs it again if it fails, then puts the event among dead letters.

        Source: Lambda Developer Guide, "Asynchronous invocation error handling": two more attempts; the function's role
        has to let Lambda send to the queue, or the event is lost.
        """
        request = request or str(uuid.uuid4())
        for _ in range(ATTEMPTS):
            result = self.invoke(event, request)
            if not result.error:
                return result
        queue = self.inline.properties.get("DeadLetterConfig", {}).get("TargetArn")
        if queue and self.aws.may(self.role, "sqs:SendMessage", str(queue)):
            self.aws.letters.append(event)
        return result

    def _run(self, event: Any, request: str) -> Result:
        self.module = self.module or modules.load(self.inline, self.code)
        invoked = arn(self.aws.stack, "lambda", f"function:{self.environment['AWS_LAMBDA_FUNCTION_NAME']}")
        context = Context(self.aws.clock, request, self.environment, invoked)
        try:
            handler = getattr(self.module, self.inline.properties["Handler"].rpartition(".")[2])
            return Result(json.loads(json.dumps(handler(event, context))))
        except Exception as error:
            return Result(error=type(error).__name__, message=str(error), trace=traceback.format_exc())

    def _ship(self, lines: list[str]) -> None:
        """Put what was printed into the log group, if the role lets Lambda do so; it is lost if not.

        Source: Lambda Developer Guide, "Defining Lambda function permissions with an execution role".
        """
        group = self.environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        stream = arn(
            self.aws.stack, "logs", f"log-group:{group}:log-stream:{self.environment['AWS_LAMBDA_LOG_STREAM_NAME']}"
        )
        created = self.aws.may(self.role, "logs:CreateLogStream", stream)
        if created and self.aws.may(self.role, "logs:PutLogEvents", stream):
            self.aws.logs[group] += lines

    @property
    def log(self) -> list[str]:
        return self.aws.logs[self.environment["AWS_LAMBDA_LOG_GROUP_NAME"]]


_CODES: dict[tuple[str, Place], CodeType] = {}


def code_of(function: Inline) -> CodeType:
    """Return a function's compiled code: of the template, or of the file that was extracted from it."""
    key = function.text, function.place(1)
    if key not in _CODES:
        folder = os.environ.get(EXTRACTED)
        if folder:
            path, wanted = Path(folder, f"{function.logical}.py"), modules.source(function).text
            text = path.read_text(encoding="utf-8")
            assert text.rstrip("\n") == wanted.rstrip("\n"), f"{path} is stale: run stackproof handlers"
            _CODES[key] = compile(text, str(path), "exec")
        else:
            _CODES[key] = modules.compiled(function)
    return _CODES[key]
