"""A Kinesis stream and the event source mapping that gives its records to a function.

Sources, pages of docs.aws.amazon.com/lambda/latest/dg: with-kinesis (batches, lanes of a shard, event),
kinesis-on-failure-destination (retries, splitting costs none of them, what S3 is given, permissions),
services-kinesis-batchfailurereporting (the lowest failure is the checkpoint; with bisecting the batch is split there;
what counts as success and as complete failure).
Not documented, assumed here: a batch whose first record is reported failed made no progress, so it failed completely
and is split in two. `splits_at_head=False` assumes instead that it is retried as it is.
"""

from __future__ import annotations

import base64
import itertools
import json
import typing
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from runtime.clock import EPOCH, Clock
from runtime.function import Function, Result
from stackproof.iam.need import arn

PAYLOAD = 6 * 2**20
"""Bytes that an invocation may be given. Source: Lambda Developer Guide, "Lambda quotas"."""


class Record(NamedTuple):
    """A record of a stream, and the second of the test that it arrived at."""

    sequence: str
    key: str
    data: bytes
    arrived: float


class Batch(NamedTuple):
    """Records that are tried together, and how often they were tried again."""

    records: tuple[Record, ...]
    retries: int = 0


@dataclass
class Lane:
    """What one of a shard's concurrent batches takes its records from: all of a partition key's, in order."""

    shard: str
    records: list[Record] = field(default_factory=list)
    position: int = 0
    waiting: list[Batch] = field(default_factory=list)

    def restart(self) -> None:
        """Forget what was not checkpointed: it is read and tried again."""
        self.waiting.clear()


class Stream:
    """A stream of a stack; its records are put by partition key, as producers do."""

    def __init__(self, properties: typing.Mapping[str, Any], lanes_a_shard: int, clock: Clock) -> None:
        self.clock = clock
        shards = int(properties["ShardCount"])
        self.lanes = [Lane(f"shardId-{shard:012d}") for shard in range(shards) for _ in range(lanes_a_shard)]
        self._numbers = itertools.count(49590338271490256608559692538361571095921575989136588898)

    def put(self, data: bytes, key: str = "key") -> str:
        record = Record(str(next(self._numbers)), key, data, self.clock.now)
        self.lanes[zlib.crc32(key.encode()) % len(self.lanes)].records.append(record)
        return record.sequence


class Mapping:
    """The event source mapping of a stack, with other properties where they are given.

    `pause` is how many seconds it lets pass before it tries again what failed. How long Lambda does is not documented.
    """

    def __init__(self, function: Function, *, splits_at_head: bool = True, pause: float = 1, **properties: Any) -> None:
        self.function, self.aws, self.splits_at_head, self.pause = function, function.aws, splits_at_head, pause
        ((_, own),) = self.aws.stack.of_type("AWS::Lambda::EventSourceMapping")
        self.properties = {**own, **properties}
        self.source = str(self.properties["EventSourceArn"])
        ((_, stream),) = self.aws.stack.of_type("AWS::Kinesis::Stream")
        self.stream = Stream(stream, int(self.properties.get("ParallelizationFactor", 1)), self.aws.clock)
        self.reports = "ReportBatchItemFailures" in self.properties.get("FunctionResponseTypes", ())
        self.bisects = self.properties.get("BisectBatchOnFunctionError", False)
        self.retries = int(self.properties.get("MaximumRetryAttempts", -1))
        self.age = float(self.properties.get("MaximumRecordAgeInSeconds", -1))
        self.discarded: list[tuple[Record, ...]] = []

    def enable(self) -> bool:
        """Find the stream's shards; tell whether the function's role lets Lambda do so."""
        return all([self._may(name) for name in ("DescribeStream", "DescribeStreamSummary", "ListShards")])

    def _may(self, name: str) -> bool:
        return self.aws.may(self.function.role, f"kinesis:{name}", self.source)

    def drain(self, most: int = 1000) -> None:
        """Poll every lane until nothing is left."""
        for _ in range(most):
            if not any([self.poll(lane) for lane in self.stream.lanes]):
                return
        raise AssertionError("records are tried for ever")

    def poll(self, lane: Lane) -> bool:
        """Try a lane's next batch; tell whether there was one that the role let Lambda read."""
        if not lane.waiting:
            records = self._read(lane)
            if not records:
                return False
            lane.waiting.append(Batch(records))
        taken = lane.waiting.pop(0)
        batch = self._young(lane.shard, taken)
        if batch.records:
            result = self.function.invoke(self.event(lane.shard, batch.records))
            failed = self._first_failed(result, batch)
            lane.waiting[:0] = self._left(lane.shard, batch, failed, result)
            self.aws.clock.now += self.pause if failed is not None else 0
        left = sum(len(item.records) for item in lane.waiting)
        if not left:
            lane.position += len(taken.records)
        else:
            lane.position = lane.records.index(lane.waiting[0].records[0])
        return True

    def _young(self, shard: str, batch: Batch) -> Batch:
        """Return a batch without the records that are too old to be tried; these go to the destination."""
        old = [record for record in batch.records if 0 <= self.age <= self.aws.clock.now - record.arrived]
        if old:
            self._discard(shard, tuple(old), Result(), "RecordAgeExceeded")
        return Batch(tuple(record for record in batch.records if record not in old), batch.retries)

    def _read(self, lane: Lane) -> tuple[Record, ...]:
        if lane.position == len(lane.records) or not (self._may("GetShardIterator") and self._may("GetRecords")):
            return ()
        records = lane.records[lane.position : lane.position + int(self.properties["BatchSize"])]
        sizes = itertools.accumulate(len(record.data) * 4 // 3 + 600 for record in records)
        return tuple(record for record, size in zip(records, sizes, strict=True) if size <= PAYLOAD) or (records[0],)

    def event(self, shard: str, records: Sequence[Record]) -> dict[str, Any]:
        return {"Records": [self._row(shard, record) for record in records]}

    def _row(self, shard: str, record: Record) -> dict[str, Any]:
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record.key,
                "sequenceNumber": record.sequence,
                "data": base64.b64encode(record.data).decode(),
                "approximateArrivalTimestamp": EPOCH + record.arrived,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{record.sequence}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self.function.inline.properties["Role"],
            "awsRegion": self.aws.region,
            "eventSourceARN": self.source,
        }

    def _first_failed(self, result: Result, batch: Batch) -> int | None:
        """Return the index of the first record that failed, None if all went well."""
        if result.error:
            return 0
        failures = (result.payload or {}).get("batchItemFailures") if self.reports else None
        if not failures:
            return None
        known = {record.sequence: index for index, record in enumerate(batch.records)}
        return min(known.get(failure.get("itemIdentifier"), 0) for failure in failures)

    def _left(self, shard: str, batch: Batch, failed: int | None, result: Result) -> list[Batch]:
        """Return what is to be tried again, in order; what was tried often enough goes to the destination."""
        if failed is None:
            return []
        records = batch.records[failed:]
        if self.bisects and failed:
            return [Batch(records, batch.retries)]
        if self.bisects and len(records) > 1 and (result.error or self.splits_at_head):
            middle = len(records) // 2
            return [Batch(records[:middle], batch.retries), Batch(records[middle:], batch.retries)]
        if batch.retries == self.retries:
            self._discard(shard, records, result)
            return []
        return [Batch(records, batch.retries + 1)]

    def _discard(
        self, shard: str, records: tuple[Record, ...], result: Result, why: str = "RetryAttemptsExhausted"
    ) -> None:
        """Put records into the destination, with all they hold, if the role lets Lambda do so; they are lost if not."""
        self.discarded.append(records)
        bucket = str(self.properties["DestinationConfig"]["OnFailure"]["Destination"])
        key = f"aws/lambda/4cdae60e-ec53-4d0e-9a4b-1f2d3c4b5a69/{shard}/2024/06/15/{_when(len(self.discarded))}"
        role = self.function.role
        if self.aws.may(role, "s3:ListBucket", bucket) and self.aws.may(role, "s3:PutObject", f"{bucket}/{key}"):
            about = {
                "requestContext": {
                    "functionArn": arn(self.aws.stack, "lambda", f"function:{self.properties['FunctionName']}"),
                    "condition": why,
                    "approximateInvokeCount": self.retries + 1,
                },
                "responseContext": {"statusCode": 200, "functionError": result.error or None},
                "version": "1.0",
                "KinesisBatchInfo": {"shardId": shard, "batchSize": len(records), "streamArn": self.source},
                "payload": json.dumps(self.event(shard, records)),
            }
            self.aws.objects[key] = json.dumps(about)

    def kept(self) -> list[bytes]:
        """Return the data of the records in the destination."""
        payloads = (json.loads(json.loads(text)["payload"]) for text in self.aws.objects.values())
        return [base64.b64decode(row["kinesis"]["data"]) for payload in payloads for row in payload["Records"]]


def _when(number: int) -> str:
    """Return the last part of the key of an object in the destination: a time and an id, as Lambda forms them."""
    minutes, seconds = divmod(number, 60)
    return f"2024-06-15T00.{minutes:02d}.{seconds:02d}-6a1f0d3e-8f5c-4b7a-9d2e-{number:012x}"
