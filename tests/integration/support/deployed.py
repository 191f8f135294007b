"""The two stacks that are tested: what they tell, and AWS in their regions."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

T = TypeVar("T")
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 8}, connect_timeout=10, read_timeout=90)
MARK = "stackproof-test"


@dataclass(frozen=True, eq=False)
class Stack:
    """One deployed stack: its side, and what its outputs tell. Everything else is asked of AWS."""

    side: str
    region: str
    name: str
    outputs: Mapping[str, str]
    session: Any = field(default_factory=boto3.session.Session)
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.session.client(service, region_name=self.region, config=CONFIG)
        return self.clients[service]

    def __getitem__(self, output: str) -> str:
        assert output in self.outputs, f"the {self.side} stack has no output {output}"
        return self.outputs[output]

    @property
    def bucket(self) -> str:
        return self["TradingDataBucketName"]

    @property
    def table(self) -> str:
        return self["TradingAnalyticsTableName"]

    @cached_property
    def account(self) -> str:
        return self["TradingAnalyticsTableArn"].split(":")[4]

    @cached_property
    def partition(self) -> str:
        return self["TradingAnalyticsTableArn"].split(":")[1]

    @cached_property
    def suffix(self) -> str:
        return self["MigrationStateTableName"].removeprefix("migration-state-")

    @cached_property
    def alarms(self) -> list[Mapping[str, Any]]:
        """The alarms that act on this stack's topic."""
        found = pages(self.client("cloudwatch"), "describe_alarms", "MetricAlarms")
        return [alarm for alarm in found if self["MigrationTopicArn"] in alarm["AlarmActions"]]

    def function(self, output: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("lambda").get_function_configuration(FunctionName=self[output])
        return found

    def route_tables(self) -> list[Mapping[str, Any]]:
        where = [{"Name": "vpc-id", "Values": [self["VPCId"]]}]
        found: list[Mapping[str, Any]] = self.client("ec2").describe_route_tables(Filters=where)["RouteTables"]
        return found

    def route_table(self, subnet: str) -> Mapping[str, Any]:
        """The route table that a subnet is given."""
        for table in self.route_tables():
            if any(association.get("SubnetId") == self[subnet] for association in table["Associations"]):
                return table
        raise AssertionError(f"{subnet} of the {self.side} stack has no route table of its own")


@dataclass(frozen=True)
class Stacks:
    """Both stacks; on the emulator nothing is waited for longer than `patience` seconds."""

    source: Stack
    target: Stack
    emulated: bool
    patience: float = 20

    def other(self, stack: Stack) -> Stack:
        return self.target if stack is self.source else self.source

    def eventually(self, look: Callable[[], T | None], what: str, seconds: float) -> T:
        """Look until something is found; fail with `what` when it took too long. `seconds` is AWS's time."""
        end = time.monotonic() + (min(seconds, self.patience) if self.emulated else seconds)
        while True:
            found = look()
            if found:
                return found
            assert time.monotonic() < end, f"{what}: not within {seconds} seconds"
            time.sleep(0.2 if self.emulated else 5)


def pages(client: Any, action: str, key: str, **arguments: Any) -> list[Any]:
    """Return everything that a list in pages holds."""
    paginator = client.get_paginator(action)
    return [item for page in paginator.paginate(**arguments) for item in page.get(key, [])]


def found(work: Callable[[], T], *codes: str) -> T | None:
    """Return what AWS has, None if it answers with one of the codes that say there is nothing."""
    try:
        return work()
    except ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise


def only(listed: list[T], what: str) -> T:
    """Return the one thing of a list; fail with `what` if there is none or more."""
    assert len(listed) == 1, f"{len(listed)} of {what}"
    return listed[0]


def marked() -> str:
    """Return a name that says where it comes from."""
    return f"{MARK}-{uuid.uuid4()}"


def read(path: Path) -> Stacks:
    """Read what `stackproof outputs` wrote."""
    value = json.loads(path.read_text(encoding="utf-8"))
    return Stacks(_stack("source", value["source"]), _stack("target", value["target"]), emulated=False)


def _stack(side: str, value: Mapping[str, Any]) -> Stack:
    return Stack(side, value["region"], value["stack"], value["outputs"])


def named(source: str, target: str) -> Stacks:
    """Read the outputs of two stacks given as NAME@REGION."""
    return Stacks(_described("source", source), _described("target", target), emulated=False)


def _described(side: str, where: str) -> Stack:
    name, _, region = where.partition("@")
    client = boto3.session.Session().client("cloudformation", region_name=region, config=CONFIG)
    listed = client.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])
    return Stack(side, region, name, {item["OutputKey"]: item["OutputValue"] for item in listed})
