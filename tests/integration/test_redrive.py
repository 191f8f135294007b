"""Records that could not be stored are parked, and come back once what was wrong is mended: by `stackproof redrive`."""

import argparse
import base64
import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from deployed import Stack, Stacks, pages
from deployments import TEMPLATE, Deployment, deployment
from flowing import trade

from stackproof.cli.redrive_command import redrive
from stackproof.deploy.failure_objects import PREFIXES
from stackproof.deploy.runner import deploy

pytestmark = [pytest.mark.emulator_only, pytest.mark.helped]
REJECTED, GIVEN_UP = 50, 10
FAULT = "the code of yesterday knows no such trade"


def code_of(logical: str) -> str:
    return "\n".join(TEMPLATE.value["Resources"][logical]["Properties"]["Code"]["ZipFile"]["Fn::Join"][1])


def give_code(stack: Stack, text: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("index.py", text)
    stack.client("lambda").update_function_code(FunctionName=stack["AnalyticsFunctionArn"], ZipFile=packed.getvalue())


def faulty(text: str) -> str:
    """Return the function's code as it would be with a fault in its validation."""
    parts = text.partition("def item_of(data, region):\n")
    assert parts[1]
    return f"{parts[0]}{parts[1]}  raise ValueError('{FAULT}')\n{parts[2]}"


def send(stack: Stack, names: list[str]) -> None:
    records = [{"Data": json.dumps(trade(name, 1)).encode(), "PartitionKey": name} for name in names]
    put = stack.client("kinesis").put_records(StreamName=stack["MarketDataStreamName"], Records=records)
    assert put["FailedRecordCount"] == 0


def give_up(stack: Stack, names: list[str]) -> None:
    """Write what Lambda writes when the mapping gives a batch up, which the emulator's does not.

    Source: AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source".
    """
    rows = [
        {
            "kinesis": {
                "partitionKey": name,
                "sequenceNumber": str(number),
                "data": base64.b64encode(json.dumps(trade(name, 1)).encode()).decode(),
            },
            "eventSource": "aws:kinesis",
            "eventSourceARN": stack["MarketDataStreamArn"],
        }
        for number, name in enumerate(names)
    ]
    note = {
        "requestContext": {"functionArn": stack["AnalyticsFunctionArn"], "condition": "RecordAgeExceeded"},
        "payload": json.dumps({"Records": rows}),
    }
    key = "aws/lambda/0a1b2c3d/shardId-000000000000/2026/01/31/2026-01-31T12.00.00-note"
    stack.client("s3").put_object(Bucket=stack.bucket, Key=key, Body=json.dumps(note).encode())


def keys(stack: Stack, *prefixes: str) -> list[str]:
    s3 = stack.client("s3")
    return [
        page["Key"]
        for prefix in prefixes
        for page in pages(s3, "list_objects_v2", "Contents", Bucket=stack.bucket, Prefix=prefix)
    ]


def stored(stack: Stack) -> list[str]:
    rows: list[Any] = pages(stack.client("dynamodb"), "scan", "Items", TableName=stack.table)
    return sorted(row["TradeId"]["S"] for row in rows)


@dataclass(frozen=True)
class Parked:
    """A deployment whose source could not store what it was sent, the names of it, and what `redrive` said."""

    emulated: Deployment
    stacks: Stacks
    names: list[str]
    lines: list[str] = field(default_factory=list)

    def is_stored(self, stack: Stack) -> bool:
        return stored(stack) == self.names

    def redrive(self, *, dry: bool) -> int:
        options = argparse.Namespace(since=None, side=None, prefix=None, dry_run=dry)
        names = {side.side: side.stack for side in self.emulated.job.plan.pair.sides}
        self.lines.clear()
        return redrive(options, self.emulated.job, names, self.lines.append)


@pytest.fixture(scope="module")
def parked(endpoint: str) -> Parked:
    del endpoint
    emulated = deployment("300000000042", EnvironmentSuffix="redriven")
    deploy(emulated.job)
    stacks = emulated.read()[0]
    source = stacks.source
    rejected, given_up = ([f"{kind}-{at}" for at in range(count)] for kind, count in (("a", REJECTED), ("b", GIVEN_UP)))
    give_code(source, faulty(code_of("AnalyticsFunction")))
    send(source, rejected)
    stacks.eventually(lambda: len(keys(source, "rejected/")) == REJECTED, "all are parked", 60)
    give_up(source, given_up)
    return Parked(emulated, stacks, sorted([*rejected, *given_up]))


def test_what_a_faulty_code_rejects_is_parked_with_the_reason_and_nothing_stored(parked: Parked) -> None:
    source = parked.stacks.source
    bodies = [
        json.loads(source.client("s3").get_object(Bucket=source.bucket, Key=key)["Body"].read())
        for key in keys(source, "rejected/")
    ]
    assert [FAULT in item["reason"] for item in bodies] == [True] * REJECTED
    assert stored(source) == []


def test_a_dry_run_counts_by_reason_and_moves_nothing(parked: Parked) -> None:
    assert parked.redrive(dry=True) == 0
    assert f"{len(parked.names)} records of {REJECTED + 1} objects would be put back" in parked.lines[0]
    assert len(keys(parked.stacks.source, *PREFIXES)) == REJECTED + 1


def test_after_the_fix_all_come_back_and_each_is_stored_once_in_both_regions(parked: Parked) -> None:
    source = parked.stacks.source
    give_code(source, code_of("AnalyticsFunction"))
    assert parked.redrive(dry=False) == 0
    assert f"{len(parked.names)} records of {REJECTED + 1} objects put back" in parked.lines[0]
    for stack in (source, parked.stacks.target):
        parked.stacks.eventually(partial(parked.is_stored, stack), f"all are stored in {stack.region}", 60)
    assert (keys(source, *PREFIXES), len(keys(source, "redriven/"))) == ([], REJECTED + 1)


def test_again_there_is_nothing_to_put_back(parked: Parked) -> None:
    assert parked.redrive(dry=False) == 0
    assert "0 records of 0 objects put back" in parked.lines[0]
