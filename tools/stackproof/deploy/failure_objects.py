"""What objects of a bucket hold of records that a consumer of a stream could not store, in both forms.

A record that a function puts away: {"record": RECORD, "reason": TEXT}, where RECORD is as Lambda hands it over. And
what Lambda itself gives up: its note on a failed invocation, with the whole event, {"Records": [RECORD, …]}, as a text
in `payload`, under aws/lambda/MAPPING/SHARD/YYYY/MM/DD/.
Source: Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source"; "Using Lambda
to process records from Amazon Kinesis Data Streams", example event.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple

PREFIXES = ("rejected/", "aws/lambda/")
"""Where both forms lie."""


class Record(NamedTuple):
    """A record of a stream, as it was put: its partition key and its data; `stream` is the ARN of where it was."""

    stream: str
    key: str
    data: bytes

    @property
    def size(self) -> int:
        """Return the bytes that count to the limits of PutRecords."""
        return len(self.data) + len(self.key.encode())


class Parked(NamedTuple):
    """What an object holds: records, and why they are there."""

    records: tuple[Record, ...]
    reason: str


def parked_in(body: bytes) -> Parked:
    """Return what an object holds; raise ValueError, saying why, for what is neither form."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    if "record" in value:
        return Parked((_record(value["record"]),), str(value.get("reason", "no reason given")))
    if "payload" not in value:
        raise ValueError("it has neither a record nor a payload")
    return Parked(_records(value["payload"]), _condition(value))


def _condition(value: dict[str, Any]) -> str:
    context = value.get("requestContext")
    return str(context.get("condition", "given up by Lambda")) if isinstance(context, dict) else "given up by Lambda"


def _records(payload: Any) -> tuple[Record, ...]:
    try:
        event = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, RecursionError):
        raise ValueError("its payload is no JSON") from None
    rows = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ValueError("its payload has no records")
    return tuple(map(_record, rows))


def _record(row: Any) -> Record:
    inner = row.get("kinesis") if isinstance(row, dict) else None
    if not isinstance(inner, dict):
        raise ValueError("a record in it is not of a Kinesis stream")
    key, data, stream = inner.get("partitionKey"), inner.get("data"), row.get("eventSourceARN")
    if not isinstance(key, str) or not key or not isinstance(data, str) or not isinstance(stream, str):
        raise ValueError("a record in it lacks its partitionKey, data or eventSourceARN")
    try:
        return Record(stream, key, base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        raise ValueError("the data of a record in it is no base64") from None
