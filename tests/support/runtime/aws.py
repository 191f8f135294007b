"""One AWS account in this process: tables and parameters of moto, objects, logs, and the calls that functions make."""

from __future__ import annotations

import json
import os
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import Any
from unittest.mock import patch

import boto3
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from runtime.clock import Clock
from runtime.roles import DeniedError, Role
from stackproof.evaluation.stack import Stack

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "test"}
ROW = dict[str, Any]

boto3.setup_default_session()
SESSION: Any = boto3.DEFAULT_SESSION
"""One for all: the session loads the descriptions of the services, which costs more than all tests of a file."""


ACCOUNT = DEFAULT_ACCOUNT_ID
"""The account that moto keeps everything in, whatever the ARNs of a stack say."""
SERVICES = ("dynamodb", "ssm", "cloudwatch", "s3")
TABLE = {"TableName", "KeySchema", "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes"}
"""What moto knows of a table."""


@cache
def client(service: str, region: str) -> Any:
    """Return a client for the tests themselves, whom nobody denies anything."""
    return SESSION.client(service, region_name=region, aws_access_key_id="test", aws_secret_access_key="test")


class Killed(BaseException):
    """A container that ends in the middle of an invocation."""


class Aws:
    """What exists in one region of the account, and what befalls the calls that are made under a role.

    `faults` holds what goes wrong with the next calls of an operation, one word a call:
    "" nothing; a code of an error that AWS answers; "part" only the first half of a batch is written;
    "lost" done, but the answer never comes; "hang" never answered, nothing done; "kill" the container ends before,
    "killed" after it was done. `always` holds what goes wrong with every call beyond those.
    """

    def __init__(self, stack: Stack, tables: Stack) -> None:
        self.stack, self.tables = stack, tables
        self.region = stack.scenario.region
        self.dynamodb, self.ssm, self.cloudwatch, self.s3 = (client(name, self.region) for name in SERVICES)
        self.create_tables()
        self._create()
        self.clear()

    def clear(self) -> None:
        """Begin anew: nothing stored, nothing called, nothing going wrong."""
        self.clock = Clock()
        self.caller: Role | None = None
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.always: dict[str, str] = {}
        self.denied: list[str] = []
        self.objects: dict[str, str] = {}
        self.letters: list[Any] = []
        self.logs: dict[str, list[str]] = defaultdict(list)
        self.create_tables()
        for table in get_backend("dynamodb")[ACCOUNT][self.region].tables.values():
            table.items.clear()
        for bucket in get_backend("s3")[ACCOUNT]["aws"].buckets.values():
            bucket.keys.clear()
        get_backend("cloudwatch")[ACCOUNT][self.region].metric_data.clear()
        for _, properties in self.stack.of_type("AWS::SSM::Parameter"):
            self.ssm.put_parameter(**{name: properties[name] for name in ("Name", "Value")}, Overwrite=True)

    def create_tables(self) -> None:
        """Create the tables that are not there."""
        there = self.dynamodb.list_tables()["TableNames"]
        for _, properties in self.tables.of_type("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"):
            arguments = {name: value for name, value in properties.items() if name in TABLE}
            if "GlobalSecondaryIndexes" in arguments:
                arguments["GlobalSecondaryIndexes"] = [
                    {name: value for name, value in index.items() if name != "WarmThroughput"}
                    for index in arguments["GlobalSecondaryIndexes"]
                ]
            if arguments["TableName"] not in there:
                self.dynamodb.create_table(**arguments)

    def delete_tables(self) -> None:
        """Delete every table with what it holds."""
        for name in self.dynamodb.list_tables()["TableNames"]:
            self.dynamodb.delete_table(TableName=name)

    def _create(self) -> None:
        for _, properties in self.stack.of_type("AWS::SSM::Parameter"):
            self.ssm.put_parameter(**{name: properties[name] for name in ("Name", "Type", "Value")})
        for _, properties in self.stack.of_type("AWS::S3::Bucket"):
            # Buckets of us-east-1 name no location; elsewhere they have to.
            place = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
            more = {"CreateBucketConfiguration": place} if place else {}
            self.s3.create_bucket(Bucket=properties["BucketName"], **more)
            self.s3.put_bucket_versioning(
                Bucket=properties["BucketName"], VersioningConfiguration={"Status": "Enabled"}
            )

    @contextmanager
    def acting_as(self, role: Role, environment: Mapping[str, str]) -> Iterator[None]:
        """Make calls under a role, with its credentials and nothing else in the environment."""
        self.caller = role
        ACTING.append(self)
        try:
            with patch.dict(os.environ, {**environment, **CREDENTIALS}, clear=True):
                yield
        finally:
            ACTING.pop()
            self.caller = None

    def may(self, role: Role, action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
        """Tell whether a service may act under a role; note it if not."""
        try:
            role.check(action, resource, context)
        except DeniedError as error:
            self.denied.append(str(error))
            return False
        return True

    def made(self, operation: str) -> list[Mapping[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]

    def rows(self, table: str) -> list[ROW]:
        """Return a table's rows, numbers exact, in order of their sort key."""
        found: list[ROW] = []
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
            found += [{name: _plain(value) for name, value in row.items()} for row in page["Items"]]
        return sorted(found, key=lambda row: row["Timestamp"])

    def parked(self) -> list[tuple[str, dict[str, Any]]]:
        """Return key and content of every version of every object in the stack's bucket."""
        ((_, properties),) = self.stack.of_type("AWS::S3::Bucket")
        bucket, found = properties["BucketName"], list[tuple[str, dict[str, Any]]]()
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in page.get("Versions", []):
                body = self.s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"]
                found.append((version["Key"], json.loads(body.read())))
        return found

    def fault(self, operation: str) -> str:
        waiting = self.faults[operation]
        return waiting.popleft() if waiting else self.always.get(operation, "")


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return Decimal(inner) if kind == "N" else inner


ACTING: list[Aws] = []


def _before(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    """Check a call against the caller's role, and let happen what goes wrong before it is done."""
    if not ACTING:
        return
    aws, operation = ACTING[-1], model.name
    aws.calls.append((operation, dict(params)))
    try:
        assert aws.caller is not None
        aws.caller.check_call(model.service_model.service_name, operation, params)
    except DeniedError as error:
        aws.denied.append(str(error))
        raise _answer("AccessDeniedException", operation) from None
    fault = context["fault"] = aws.fault(operation)
    if fault == "hang":
        aws.clock.wait(10**6)
    elif fault == "kill":
        raise Killed
    elif fault == "part":
        ((table, puts),) = params["RequestItems"].items()
        context["left"] = {table: puts[(len(puts) + 1) // 2 :]}
        params["RequestItems"] = {table: puts[: (len(puts) + 1) // 2]}
    elif fault not in ("", "lost", "killed"):
        raise _answer(fault, operation)


def _after(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Let happen what goes wrong after a call was done."""
    if not ACTING:
        return
    fault = context.get("fault")
    if fault == "part":
        parsed["UnprocessedItems"] = {table: puts for table, puts in context["left"].items() if puts}
    elif fault == "lost":
        ACTING[-1].clock.wait(5)
        raise ReadTimeoutError(endpoint_url="https://example.invalid")
    elif fault == "killed":
        raise Killed


def _answer(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code} " * 400}}, operation)


SESSION.events.register("before-parameter-build", _before)
SESSION.events.register("after-call", _after)


@contextmanager
def account(stack: Stack, tables: Stack | None = None) -> Iterator[Aws]:
    """Give an account that holds a stack's tables (those of `tables`, where another stack owns them) and parameters."""
    with (
        patch.dict(os.environ, {"AWS_DEFAULT_REGION": stack.scenario.region}),
        mock_aws(config={"core": {"reset_boto3_session": False}}),
    ):
        yield Aws(stack, tables or stack)
