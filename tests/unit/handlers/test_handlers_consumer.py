"""The stream's consumer: whatever befalls it, good records are stored, bad ones parked in the bucket, none lost."""

import base64
import json
import re
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
WRITE, READ, PARK = "BatchWriteItem", "GetParameter", "PutObject"
FEW: dict[str, Any] = {"MaximumRetryAttempts": 3, "MaximumRecordAgeInSeconds": -1}
"""A mapping that gives records up after four attempts, however young they are."""


@pytest.fixture(scope="module")
def opened() -> Iterator[Aws]:
    with account(stacks.source()) as item:
        yield item


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
            return Result({"batchItemFailures": [{"itemIdentifier": item} for item in failed]})
        return Result(answer)


def tries(aws: Aws, answers: list[Any], records: int = 5, **properties: Any) -> list[list[int]]:
    """Return the batches that a function with these answers is given, records numbered from 0 in one lane."""
    function = Scripted(aws, answers)
    mapping = Mapping(function, **(properties or FEW))
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


@pytest.mark.parametrize(("answers", "batches"), TRIES.values(), ids=TRIES)
def test_the_model(aws: Aws, answers: list[Any], batches: list[list[int]]) -> None:
    assert tries(aws, answers) == batches


def test_the_model_gives_up_what_is_too_old(aws: Aws) -> None:
    batches = tries(aws, [[0]] * 99, 1, MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=60)
    assert len(batches) == 60


def test_the_model_tries_for_ever_where_nothing_says_how_long(aws: Aws) -> None:
    with pytest.raises(AssertionError, match="for ever"):
        tries(aws, [[0]] * 2000, 1, MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=-1)


def test_the_model_goes_on_behind_what_is_too_old(aws: Aws) -> None:
    function = Scripted(aws, [[0]] * 3)
    mapping = Mapping(function, MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=2)
    mapping.stream.lanes = [Lane("shardId-000000000000")]
    mapping.stream.put(b"", "0")
    aws.clock.now += 1.5
    for number in range(1, 3):
        mapping.stream.put(b"", str(number))
    mapping.drain()
    assert function.given == [[0, 1, 2], [1, 2]]
    assert [[record.key for record in records] for records in mapping.discarded] == [["0"]]


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


def parked(aws: Aws) -> list[bytes]:
    """Return the data of the parked records, each version of an object one."""
    return sorted(base64.b64decode(content["record"]["kinesis"]["data"]) for _, content in aws.parked())


def test_a_bad_record_is_parked_whole_and_its_neighbours_stored(aws: Aws, mapping: Mapping) -> None:
    for data in (trade(1), b"\x00\xff not a trade", trade(2)):
        mapping.stream.put(data)
    mapping.drain()
    assert parked(aws) == [b"\x00\xff not a trade"]
    assert [row["TradeId"] for row in aws.rows(TABLE)] == ["t1", "t2"]
    assert mapping.discarded == []


def test_every_kind_of_malformed_record_is_parked(aws: Aws, mapping: Mapping) -> None:
    bad = [data for data in trades.MALFORMED.values() if isinstance(data, bytes)]
    for number, data in enumerate(bad):
        mapping.stream.put(trade(number))
        mapping.stream.put(data)
    mapping.drain()
    assert parked(aws) == sorted(bad)
    assert len(aws.rows(TABLE)) == len(bad)
    assert mapping.discarded == []


def test_a_bad_record_costs_no_attempt_more(aws: Aws, mapping: Mapping) -> None:
    for number in range(100):
        mapping.stream.put(trade(number) if number % 10 else b"{" + b" " * number)
    mapping.drain()
    assert len(mapping.function.log) == 1
    assert len(parked(aws)) == 10


def test_a_bucket_that_fails_for_a_while_gets_every_bad_record_once(aws: Aws, mapping: Mapping) -> None:
    aws.faults[PARK].extend(["SlowDown", "", "lost", "AccessDenied", ""])
    bad = [b"{" + b" " * number for number in range(7)]
    for number, data in enumerate(bad):
        mapping.stream.put(trade(number))
        mapping.stream.put(data)
    mapping.drain()
    assert parked(aws) == bad
    assert len(aws.rows(TABLE)) == 7


def test_what_is_given_up_names_stream_shard_and_function(aws: Aws) -> None:
    mapping = Mapping(Function(aws, "AnalyticsFunction"), **FEW)
    aws.always[WRITE] = "ThrottlingException"
    mapping.stream.put(trade(1))
    mapping.drain()
    ((key, text),) = aws.objects.items()
    about = json.loads(text)
    uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    at = r"2024/06/15/2024-06-15T\d\d\.\d\d\.\d\d"
    assert re.fullmatch(rf"aws/lambda/{uuid}/shardId-\d{{12}}/{at}-{uuid}", key)
    assert about["KinesisBatchInfo"]["streamArn"] == mapping.source
    assert about["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_a_table_that_fails_for_more_than_six_days_leaves_every_record_whole_in_the_destination(aws: Aws) -> None:
    mapping = Mapping(Function(aws, "AnalyticsFunction"), pause=86_400)
    aws.always[WRITE] = "ThrottlingException"
    data = [trade(number) for number in range(4)]
    for item in data:
        mapping.stream.put(item)
    mapping.drain()
    assert sorted(mapping.kept()) == sorted(data)
    assert parked(aws) == []


OUTAGES = {"an hour": 3600, "five days": 5 * 86_400}


@pytest.mark.parametrize("seconds", OUTAGES.values(), ids=OUTAGES)
def test_ten_thousand_trades_survive_a_table_that_is_gone_for(aws: Aws, seconds: float) -> None:
    mapping = Mapping(Function(aws, "AnalyticsFunction"), pause=seconds / 3)
    for number in range(10_000):
        mapping.stream.put(trade(number), str(number))
    aws.delete_tables()
    busy = [lane for lane in mapping.stream.lanes if lane.records]
    while aws.clock.now < seconds:
        mapping.poll(busy[int(aws.clock.now) % len(busy)])
    assert not any(lane.position for lane in mapping.stream.lanes)
    aws.create_tables()
    mapping.drain()
    assert sorted(row["TradeId"] for row in aws.rows(TABLE)) == sorted(f"t{number}" for number in range(10_000))
    assert (aws.parked(), aws.objects) == ([], {})
    stored = sum(json.loads(line)["Stored"] for line in mapping.function.log)
    assert stored == 10_000


def test_a_config_that_cannot_be_read_for_a_while_loses_nothing(aws: Aws, mapping: Mapping) -> None:
    aws.faults[READ].extend(["InternalServerError"] * 9)
    for number in range(40):
        mapping.stream.put(trade(number))
    mapping.drain()
    assert (len(aws.rows(TABLE)), aws.objects, parked(aws)) == (40, {}, [])


def test_nothing_is_lost_even_if_a_batch_is_not_split_at_its_head(aws: Aws) -> None:
    mapping = Mapping(Function(aws, "AnalyticsFunction"), splits_at_head=False)
    aws.faults[WRITE].extend(["ThrottlingException"] * 20)
    for number in range(10):
        mapping.stream.put(trade(number) if number != 4 else b"{")
    mapping.drain()
    assert parked(aws) == [b"{"]
    assert len(aws.rows(TABLE)) == 9


FAULTS = {
    "throttled for a while": {WRITE: ["ThrottlingException"] * 3},
    "written partly": {WRITE: ["part", "part"]},
    "answer lost": {WRITE: ["lost"]},
    "refused whole": {WRITE: ["ValidationException"]},
    "throttled too long": {WRITE: ["ProvisionedThroughputExceededException"] * 80},
    "not there": {WRITE: ["ResourceNotFoundException"] * 80},
    "written partly, then throttled": {WRITE: ["part", *["ThrottlingException"] * 80]},
    "never answered": {WRITE: ["hang"]},
    "killed before a write": {WRITE: ["kill"]},
    "killed behind a write": {WRITE: ["killed"]},
    "killed between writes": {WRITE: ["", "kill"]},
    "parking throttled": {PARK: ["SlowDown"]},
    "parking throttled in between": {PARK: ["", "SlowDown", ""]},
    "parked, answer lost": {PARK: ["lost", "lost"]},
    "killed before parking": {PARK: ["kill"]},
    "killed behind parking": {PARK: ["killed"]},
    "neither table nor bucket": {WRITE: ["ThrottlingException"] * 80, PARK: ["AccessDenied"] * 80},
    "config not read": {READ: ["InternalServerError"]},
    "killed in its start": {READ: ["kill"]},
}
WORDS = ["", "", "lost", "kill", "killed", "hang"]
PATTERNS = st.fixed_dictionaries(
    {},
    optional={
        WRITE: st.lists(
            st.sampled_from([*WORDS, "part", "ThrottlingException", "ResourceNotFoundException"]), max_size=15
        ),
        PARK: st.lists(st.sampled_from([*WORDS, "SlowDown", "AccessDenied"]), max_size=15),
        READ: st.lists(st.sampled_from([*WORDS, "ThrottlingException"]), max_size=3),
    },
)
"""What goes wrong with the calls of one invocation: any pattern of failures that pass."""
KEYS = st.sampled_from("abc")
NUMBERS = st.decimals(0, 10**20, places=9).map(str) | st.integers(0, 10**38 - 1).map(str)
MALFORMED = [data for data in trades.MALFORMED.values() if isinstance(data, bytes) and len(data) < 999]
BAD = st.builds(lambda data, blanks: data + b" " * blanks, st.sampled_from(MALFORMED), st.integers(0, 9))
ACCOUNT: list[Aws] = []


class Consumer(RuleBasedStateMachine):
    """Batches, bad records, throttles, timeouts, crashes and re-deliveries, in any order.

    However often they fail, records are tried for six days: none is given up, and none is parked that can be stored.
    """

    @initialize()
    def begin(self) -> None:
        (self.aws,) = ACCOUNT
        self.aws.clear()
        self.mapping = Mapping(Function(self.aws, "AnalyticsFunction"))
        self.good: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
        self.bad: list[bytes] = []
        self.homes: list[tuple[str, int]] = []

    @rule(key=KEYS, records=st.lists(NUMBERS | NUMBERS | BAD, min_size=1, max_size=40))
    def records_come(self, key: str, records: list[str | bytes]) -> None:
        for record in records:
            if isinstance(record, bytes):
                self.mapping.stream.put(record, key)
                self.bad.append(record)
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

    @rule(
        polls=st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from([{}, *FAULTS.values()]) | PATTERNS), min_size=1, max_size=8
        )
    )
    def lambda_polls(self, polls: list[tuple[int, dict[str, list[str]]]]) -> None:
        for index, faults in polls:
            behind = [lane for lane in self.mapping.stream.lanes if lane.position < len(lane.records)]
            if behind:
                for operation, words in faults.items():
                    self.aws.faults[operation].extend(words)
                self.mapping.poll(behind[index % len(behind)])
                self.aws.faults.clear()

    @rule(key=KEYS)
    def the_mapping_restarts(self, key: str) -> None:
        lane = self._lane(key)
        if lane:
            lane.restart()

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
        assert parked(self.aws) == sorted(self.bad)
        assert self.mapping.discarded == []


def test_every_good_record_is_stored_and_every_bad_one_parked_exactly_once(opened: Aws) -> None:
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
