"""A producer of trades that goes where the platform's record says, and a canary that is fired by hand."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from deployed import Stack, Stacks, only, pages

BATCH = 20
TTL = 0.5
"""Seconds that an answer is kept: the record's 60, made short."""


@dataclass
class Producer:
    """Sends trades, each once, to the stream of the region that answers; `sent` are their ids by region."""

    stacks: Stacks
    zone: str
    sent: dict[str, list[str]] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    failure: list[BaseException] = field(default_factory=list)

    def weights(self) -> dict[str, int]:
        """Return the weight of each region's record."""
        route53 = self.stacks.source.client("route53")
        listed = pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=self.zone)
        records = [item for item in listed if item["Type"] == "TXT"]
        return {json.loads(record["ResourceRecords"][0]["Value"]): record["Weight"] for record in records}

    def answer(self, turn: int) -> str:
        """Return the region that the record names: of several with a weight in turn, of all if none has one.

        Source: Route 53 Developer Guide, "Values specific for weighted records", Weight.
        """
        weights = self.weights()
        active = sorted(region for region, weight in weights.items() if weight) or sorted(weights)
        return active[turn % len(active)]

    def run(self) -> None:
        try:
            self._send()
        except BaseException as error:
            self.failure.append(error)

    def _send(self) -> None:
        turn, region, known = 0, "", 0.0
        while not self.stopped.is_set():
            if time.monotonic() - known > TTL:
                region, known = self.answer(turn), time.monotonic()
            stack = self.stacks.source if region == self.stacks.source.region else self.stacks.target
            names = [f"flow-{turn}-{number}" for number in range(BATCH)]
            records = [{"Data": json.dumps(trade(name, turn)).encode(), "PartitionKey": name} for name in names]
            put = stack.client("kinesis").put_records(StreamName=stack["MarketDataStreamName"], Records=records)
            assert put["FailedRecordCount"] == 0
            self.sent.setdefault(region, []).extend(names)
            turn += 1
            self.stopped.wait(0.1)


def trade(name: str, moment: int) -> Mapping[str, Any]:
    return {"tradeId": name, "symbol": "STACKPROOF", "timestamp": moment, "price": 0.1, "volume": 3}


@contextmanager
def trading(producer: Producer) -> Iterator[Producer]:
    """Let trades flow while something is done; whatever stopped them is raised."""
    thread = threading.Thread(target=producer.run)
    thread.start()
    try:
        yield producer
    finally:
        producer.stopped.set()
        thread.join(30)
    assert producer.failure == [], producer.failure


def fire_canary(stack: Stack) -> str:
    """Do what the emulator's Scheduler does not, a target of Kinesis: put the input; return the execution's id.

    Source: EventBridge Scheduler User Guide, "Adding context attributes" and "Using templated targets".
    """
    scheduler, execution = stack.client("scheduler"), str(uuid.uuid4())
    listed = pages(scheduler, "list_schedules", "Schedules")
    targets = [scheduler.get_schedule(Name=item["Name"], GroupName=item["GroupName"])["Target"] for item in listed]
    target = only([item for item in targets if item["Arn"] == stack["MarketDataStreamArn"]], "schedules of the stream")
    stack.client("kinesis").put_record(
        StreamName=target["Arn"].rpartition("/")[2],
        PartitionKey=target["KinesisParameters"]["PartitionKey"],
        Data=target["Input"].replace("<aws.scheduler.execution-id>", execution).encode(),
    )
    return execution
