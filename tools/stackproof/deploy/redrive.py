"""Records that could not be stored, put back into their stream from the bucket that keeps them.

An object is moved to `redriven/` once the stream has all its records, so that a run goes on where another one stopped.
What a stopped run had put already is put again: whoever stores records by their key writes the same over itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from stackproof.deploy.client import Cloud, Failed
from stackproof.deploy.failure_objects import PREFIXES, Record, parked_in
from stackproof.deploy.stack_events import StackState, standing, where
from stackproof.evaluation.stack import Stack
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.topology.event_sources import consumers
from stackproof.topology.resource_index import resource_of

DONE = "redriven/"
MOST, LARGEST = 500, 4 * 1024 * 1024
"""Records and bytes of one call: what PutRecords takes, or less. Source: Kinesis Data Streams API Reference."""

TRIES = 10


class Place(NamedTuple):
    """Where one side's records are parked, and the stream that they go back to."""

    region: str
    bucket: str
    stream: str
    title: str


@dataclass(frozen=True)
class Tally:
    """What became of the objects and records of a side: counts, what is left and why, records by reason."""

    counted: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def objects(self) -> int:
        return self.counted["objects"]

    @property
    def records(self) -> int:
        return self.counted["records"]

    @property
    def elsewhere(self) -> int:
        """Return how many objects are of another stream."""
        return self.counted["elsewhere"]


def place_of(cloud: Cloud, stack: Stack, name: str) -> Place:
    """Return the bucket and the stream of one side, as its deployed stack tells them in outputs.

    Which outputs these are follows from the template: the stream that a mapping reads, the bucket that it gives up to.
    """
    found = [(consumer.source, consumer.properties) for consumer in consumers(stack, "AWS::Kinesis::Stream")]
    parked = [(stream, bucket) for stream, properties in found if (bucket := _destination(stack, properties))]
    if len(parked) != 1:
        message = (
            f"{len(parked)} mappings of streams in {stack.template.path} give up to a bucket, which one is not clear"
        )
        raise CannotTell(message, fix="give one event source mapping a bucket as its on-failure destination")
    region = stack.scenario.region
    at = standing(cloud, region, name) if name else None
    if at is None:
        raise CannotTell(f"the {stack.scenario.side} stack {where(stack.scenario)} is not there", fix="deploy it first")
    stream, bucket = (_name_of(stack, at, logical) for logical in parked[0])
    return Place(region, bucket, stream, f"{stack.scenario.side} stack {where(stack.scenario)}")


def _destination(stack: Stack, properties: Any) -> str | None:
    arn = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return resource_of(stack, str(arn), "AWS::S3::Bucket")


def _name_of(stack: Stack, at: StackState, logical: str) -> str:
    name = stack.evaluator.references.ref(logical)
    for output, value in stack.value.get("Outputs", {}).items():
        if value.get("Value") == name and output in at.outputs:
            return at.outputs[output]
    message = f"no output of the {stack.scenario.side} stack {where(stack.scenario)} tells the name of {logical}"
    raise CannotTell(message, fix=f"give the template an output with the Ref of {logical}")


@dataclass(frozen=True)
class Redriver:
    """Puts what is parked at a place back; `dry` only reads and counts. `since` leaves out what is older."""

    cloud: Cloud
    screen: Screen
    place: Place
    since: datetime | None = None
    dry: bool = False
    prefixes: Sequence[str] = PREFIXES

    def run(self) -> Tally:
        """Redrive all objects; raise Failed where the stream takes no more, after what it has taken is moved."""
        tally = Tally()
        keys = [*self._keys()]
        try:
            self._redrive(keys, tally)
        finally:
            self.screen.end()
        return tally

    def _redrive(self, keys: Sequence[str], tally: Tally) -> None:
        self.screen.begin(f"{len(keys)} objects in {self.place.bucket}, of the {self.place.title}", len(keys), "object")
        waiting: list[tuple[str, list[Record]]] = []
        for key in keys:
            records = self._read(key, tally)
            if records:
                waiting.append((key, records))
            if _size(waiting) >= LARGEST or sum(len(records) for _, records in waiting) >= MOST:
                self._flush(waiting, tally)
                waiting = []
            self.screen.advance()
        self._flush(waiting, tally)

    def _keys(self) -> Iterator[str]:
        for prefix in self.prefixes:
            more: dict[str, str] = {}
            while True:
                page = self._s3("list_objects_v2", Prefix=prefix, **more)
                for item in page.get("Contents", ()):
                    if self.since is None or item["LastModified"] >= self.since:
                        yield item["Key"]
                if not page.get("IsTruncated"):
                    break
                more = {"ContinuationToken": page["NextContinuationToken"]}

    def _read(self, key: str, tally: Tally) -> list[Record]:
        """Return the records of an object that are of this place's stream.

        Replication brings the objects of the other region's bucket along: theirs go back there.
        """
        try:
            parked = parked_in(self._s3("get_object", Key=key)["Body"].read())
        except (ValueError, Failed) as error:
            reason = error.message if isinstance(error, Failed) else str(error)
            tally.left.append(f"{key}: {reason}")
            return []
        own = [record for record in parked.records if _is(record.stream, self.place)]
        if not own:
            tally.counted["elsewhere"] += 1
            return []
        tally.reasons[parked.reason] += len(own)
        return own

    def _flush(self, waiting: Sequence[tuple[str, list[Record]]], tally: Tally) -> None:
        """Put the records of objects, and move each object that is through."""
        if self.dry:
            tally.counted["objects"] += len(waiting)
            tally.counted["records"] += sum(len(records) for _, records in waiting)
            return
        queue = [(key, record) for key, records in waiting for record in records]
        failed: Failed | None = None
        behind: set[str] = set()
        for batch in _batches(queue):
            left, failed = self._put(batch) if failed is None else (list(batch), failed)
            behind |= {key for key, _ in left}
            tally.counted["records"] += len(batch) - len(left)
        for key, _ in waiting:
            if key not in behind:
                self._s3("copy_object", Key=f"{DONE}{key}", CopySource={"Bucket": self.place.bucket, "Key": key})
                self._s3("delete_object", Key=key)
                tally.counted["objects"] += 1
        if failed:
            raise failed

    def _put(self, batch: Sequence[tuple[str, Record]]) -> tuple[list[tuple[str, Record]], Failed | None]:
        """Put records, those that are refused again and again; return what was not taken, and why."""
        left, code = list(batch), ""
        for tried in range(TRIES):
            if tried:
                self.cloud.sleep(min(2**tried, 30) * (0.5 + random.random() / 2))
            try:
                answer = self.cloud.ask(
                    "kinesis",
                    self.place.region,
                    "put_records",
                    StreamName=self.place.stream,
                    Records=[{"Data": record.data, "PartitionKey": record.key} for _, record in left],
                )
            except Failed as error:
                return left, error
            taken = zip(left, answer["Records"], strict=True)
            refused = [(entry, result["ErrorCode"]) for entry, result in taken if result.get("ErrorCode")]
            if not refused:
                return [], None
            left, code = [entry for entry, _ in refused], refused[0][1]
        message = f"the stream {self.place.stream} in {self.place.region} did not take {len(left)} records: {code}"
        return left, Failed(message, fix="run this again when the stream has room: what it took is moved")

    def _s3(self, action: str, **arguments: Any) -> Any:
        return self.cloud.ask("s3", self.place.region, action, Bucket=self.place.bucket, **arguments)


def _is(arn: str, place: Place) -> bool:
    _, _, _, region, _, resource = [*arn.split(":", 5), *[""] * 6][:6]
    return (region, resource) == (place.region, f"stream/{place.stream}")


def _size(waiting: Sequence[tuple[str, list[Record]]]) -> int:
    return sum(record.size for _, records in waiting for record in records)


def _batches(queue: Sequence[tuple[str, Record]]) -> Iterator[list[tuple[str, Record]]]:
    """Give records in calls, as many as one takes."""
    batch: list[tuple[str, Record]] = []
    size = 0
    for entry in queue:
        if batch and (len(batch) == MOST or size + entry[1].size > LARGEST):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry[1].size
    if batch:
        yield batch
