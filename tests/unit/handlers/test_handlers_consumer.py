"""The stream's consumer: whatever befalls it, good records end in the table, bad ones in the bucket, none nowhere."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from runtime import stacks, trades
from runtime.aws import Aws, account
from runtime.function import Function, Result
from runtime.mapping import Lane, Mapping
from runtime.trades import trade

TABLE = "trading-analytics-prod-2024"
WRITE, READ = "BatchWriteItem", "GetParameter"


@pytest.fixture(scope="module")
def opened() -> Iterator[Aws]:
    with account(stacks.source()) as one:
        yield one


@pytest.fixture
def aws(opened: Aws) -> Aws:
    opened.clear()
    return opened


@pytest.fixture
def mapping(aws: Aws) -> Mapping:
    return Mapping(Function(aws, "AnalyticsFunction"))


# The model of the mapping, against what AWS documents


class Scripted(Function):
    """A function that answers as it is told, by the numbers of the records that fail; it keeps what it was given."""

    def __init__(self, aws: Aws, answers: list[Any]) -> None:
        super().__init__(aws, "AnalyticsFunction")
        self.answers, self.given = list(answers), list[list[int]]()

    def invoke(self, event: Any, request: str = "", trace: str = "") -> Result:  # noqa: ARG002 - the shape of the base
        rows = [row["kinesis"] for row in event["Records"]]
        self.given.append([int(row["partitionKey"]) for row in rows])
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, str):
            return Result(error=answer)
        if isinstance(answer, list):
            failed = [row["sequenceNumber"] for row in rows if int(row["partitionKey"]) in answer]
            return Result({"batchItemFailures": [{"itemIdentifier": one} for one in failed]})
        return Result(answer)


def tries(aws: Aws, answers: list[Any], records: int = 5) -> list[list[int]]:
    """Return the batches that a function with these answers is given, records numbered from 0 in one lane."""
    function = Scripted(aws, answers)
    mapping = Mapping(function)
    mapping.stream.lanes = [Lane("shardId-000000000000")]
    for number in range(records):
        mapping.stream.put(b"", str(number))
    mapping.drain()
    return function.given


ALL = [0, 1, 2, 3, 4]
SUCCESS: dict[str, Any] = {
    "null": None,
    "an empty object": {},
    "an empty list": {"batchItemFailures": []},
    "a null list": {"batchItemFailures": None},
}
FAILURE: dict[str, Any] = {
    "an error": "ValueError",
    "an empty identifier": {"batchItemFailures": [{"itemIdentifier": ""}]},
    "a null identifier": {"batchItemFailures": [{"itemIdentifier": None}]},
    "a bad key": {"batchItemFailures": [{"identifier": "1"}]},
    "its first record": [0],
}
TRIES: dict[str, tuple[list[Any], list[list[int]]]] = {
    "goes on at the failure": ([[3]], [ALL, [3, 4]]),
    "goes on at the lowest failure": ([[4, 2]], [ALL, [2, 3, 4]]),
    "halves again": (["E", [0]], [ALL, [0, 1], [0], [1], [2, 3, 4]]),
    "keeps the order": (["E", "E", None, None, [3]], [ALL, [0, 1], [0], [1], [2, 3, 4], [3, 4]]),
    "tries one record four times": ([[4]] * 9, [ALL, [4], [4], [4], [4]]),
    "goes on behind a bad record": ([[0]] * 7, [ALL, [0, 1], [0], [0], [0], [0], [1], [2, 3, 4]]),
}


@pytest.mark.parametrize("answer", SUCCESS.values(), ids=SUCCESS)
def test_the_model_takes_for_success(aws: Aws, answer: Any) -> None:
    assert tries(aws, [answer]) == [ALL]


@pytest.mark.parametrize("answer", FAILURE.values(), ids=FAILURE)
def test_the_model_takes_for_complete_failure(aws: Aws, answer: Any) -> None:
    assert tries(aws, [answer]) == [ALL, [0, 1], [2, 3, 4]]


@pytest.mark.parametrize(("answers", "given"), TRIES.values(), ids=TRIES)
def test_the_model(aws: Aws, answers: list[Any], given: list[list[int]]) -> None:
    assert tries(aws, answers) == given


def test_the_model_begins_again_at_the_checkpoint(aws: Aws) -> None:
    function = Scripted(aws, [[3]])
    mapping = Mapping(function)
    mapping.stream.lanes = [lane] = [Lane("shardId-000000000000")]
    for number in range(5):
        mapping.stream.put(b"", str(number))
    mapping.poll(lane)
    lane.restart()
    mapping.stream.put(b"", "5")
    mapping.drain()
    assert function.given == [ALL, [3, 4, 5]]


def test_the_model_gives_batches_of_a_hundred_and_of_six_megabytes(aws: Aws) -> None:
    assert [len(batch) for batch in tries(aws, [], records=250)] == [100, 100, 50]
    function = Scripted(aws, [])
    mapping = Mapping(function)
    for _ in range(7):
        mapping.stream.put(b"x" * 2**20, "0")
    mapping.drain()
    assert [len(batch) for batch in function.given] == [4, 3]


# AnalyticsFunction behind it


def kept(mapping: Mapping) -> list[bytes]:
    return sorted(mapping.kept())


def test_a_bad_record_ends_whole_in_the_bucket_and_its_neighbours_in_the_table(aws: Aws, mapping: Mapping) -> None:
    for data in (trade(1), b"\x00\xff not a trade", trade(2)):
        mapping.stream.put(data)
    mapping.drain()
    assert kept(mapping) == [b"\x00\xff not a trade"]
    assert [row["TradeId"] for row in aws.rows(TABLE)] == ["t1", "t2"]


def test_every_kind_of_malformed_record_ends_in_the_bucket(aws: Aws, mapping: Mapping) -> None:
    bad = [data for data in trades.MALFORMED.values() if isinstance(data, bytes)]
    for number, data in enumerate(bad):
        mapping.stream.put(trade(number))
        mapping.stream.put(data)
    mapping.drain()
    assert kept(mapping) == sorted(bad)
    assert len(aws.rows(TABLE)) == len(bad)


def test_what_is_discarded_names_stream_shard_and_function(aws: Aws, mapping: Mapping) -> None:
    mapping.stream.put(b"{")
    mapping.drain()
    ((key, text),) = aws.objects.items()
    about = json.loads(text)
    assert key.startswith("aws/lambda/")
    assert about["KinesisBatchInfo"]["streamArn"] == mapping.source
    assert about["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_a_table_that_fails_for_ever_leaves_every_record_in_the_bucket(aws: Aws, mapping: Mapping) -> None:
    aws.always[WRITE] = "ThrottlingException"
    data = [trade(number) for number in range(4)]
    for one in data:
        mapping.stream.put(one)
    mapping.drain()
    assert kept(mapping) == sorted(data)


def test_a_config_that_cannot_be_read_for_a_while_loses_nothing(aws: Aws, mapping: Mapping) -> None:
    # The SDK tries each read five times.
    aws.faults[READ].extend(["InternalServerError"] * 3)
    for number in range(40):
        mapping.stream.put(trade(number))
    mapping.drain()
    assert (len(aws.rows(TABLE)), aws.objects) == (40, {})


def test_nothing_is_lost_even_if_a_batch_is_not_split_at_its_head(aws: Aws) -> None:
    mapping = Mapping(Function(aws, "AnalyticsFunction"), splits_at_head=False)
    for number in range(10):
        mapping.stream.put(trade(number) if number != 4 else b"{")
    mapping.drain()
    assert b"{" in kept(mapping)
    assert len(aws.rows(TABLE)) == 9


FAULTS = {
    "throttled for a while": {WRITE: ["ThrottlingException"] * 3},
    "written partly": {WRITE: ["part", "part"]},
    "answer lost": {WRITE: ["lost"]},
    "refused whole": {WRITE: ["ValidationException"]},
    "throttled too long": {WRITE: ["ProvisionedThroughputExceededException"] * 80},
    "written partly, then throttled": {WRITE: ["part", *["ThrottlingException"] * 80]},
    "never answered": {WRITE: ["hang"]},
    "killed before a write": {WRITE: ["kill"]},
    "killed behind a write": {WRITE: ["killed"]},
    "killed between writes": {WRITE: ["", "kill"]},
    "config not read": {READ: ["InternalServerError"]},
    "killed in its start": {READ: ["kill"]},
}
KEYS = st.sampled_from("abc")
NUMBERS = st.decimals(0, 10**20, places=9).map(str) | st.integers(0, 10**38 - 1).map(str)
MALFORMED = [data for data in trades.MALFORMED.values() if isinstance(data, bytes) and len(data) < 999]
BAD = st.builds(lambda data, blanks: data + b" " * blanks, st.sampled_from(MALFORMED), st.integers(0, 9))
ACCOUNT: list[Aws] = []


class Consumer(RuleBasedStateMachine):
    """Batches, bad records, throttles, timeouts, crashes and re-deliveries, in any order.

    No record is given up for what passes: after three failed attempts of a lane the fourth is let through.
    """

    @initialize()
    def begin(self) -> None:
        (self.aws,) = ACCOUNT
        self.aws.clear()
        self.mapping = Mapping(Function(self.aws, "AnalyticsFunction"))
        self.good: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
        self.bad: set[bytes] = set()
        self.homes: list[tuple[str, int]] = []
        self.failed: dict[str, int] = {}

    @rule(key=KEYS, records=st.lists(NUMBERS | NUMBERS | BAD, min_size=1, max_size=40))
    def records_come(self, key: str, records: list[str | bytes]) -> None:
        for record in records:
            if isinstance(record, bytes):
                self.mapping.stream.put(record, key)
                self.bad.add(record)
            else:
                self.homes.append((key, len(self.homes)))
                self._put(key, self.homes[-1][1], record)

    @precondition(lambda self: bool(getattr(self, "homes", [])))
    @rule(price=NUMBERS, index=st.integers(0, 10**6))
    def a_trade_comes_again(self, price: str, index: int) -> None:
        key, number = self.homes[index % len(self.homes)]
        self._put(key, number, price)

    def _put(self, key: str, number: int, price: str) -> None:
        self.mapping.stream.put(trade(number, price=price, volume=price), key)
        self.good[f"t{number}", Decimal(1718429898 + number)] = (Decimal(price), Decimal(price))

    def _lane(self, key: str) -> Lane | None:
        return next((lane for lane in self.mapping.stream.lanes if lane.records and lane.records[0].key == key), None)

    @rule(polls=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["", *FAULTS])), min_size=1, max_size=8))
    def lambda_polls(self, polls: list[tuple[int, str]]) -> None:
        for index, fault in polls:
            behind = [lane for lane in self.mapping.stream.lanes if lane.position < len(lane.records)]
            if behind:
                self._poll(behind[index % len(behind)], fault)

    def _poll(self, lane: Lane, fault: str) -> None:
        key = lane.records[0].key
        fault = fault if self.failed.get(key, 0) < 3 else ""
        self.failed[key] = self.failed.get(key, 0) + 1 if fault else 0
        for operation, words in FAULTS.get(fault, {}).items():
            self.aws.faults[operation].extend(words)
        self.mapping.poll(lane)
        self.aws.faults.clear()

    @rule(key=KEYS)
    def the_mapping_restarts(self, key: str) -> None:
        lane = self._lane(key)
        if lane:
            lane.restart()
            self.failed[key] = 0

    @rule(key=KEYS, back=st.integers(1, 50))
    def records_are_delivered_again(self, key: str, back: int) -> None:
        lane = self._lane(key)
        if lane:
            lane.restart()
            lane.position = max(0, lane.position - back)

    @rule()
    def the_container_is_replaced(self) -> None:
        self.mapping.function.module = None

    def teardown(self) -> None:
        if not hasattr(self, "mapping"):
            return
        self.mapping.drain(5000)
        stored = {(row["TradeId"], row["Timestamp"]): (row["Price"], row["Volume"]) for row in self.aws.rows(TABLE)}
        assert stored == self.good
        assert set(self.mapping.kept()) == self.bad


def test_every_good_record_ends_in_the_table_and_every_bad_one_in_the_bucket(opened: Aws) -> None:
    ACCOUNT[:] = [opened]
    chosen = settings(
        max_examples=60,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # Shrinking takes minutes: add Phase.shrink to see the shortest way to a failure.
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(Consumer, settings=chosen)
