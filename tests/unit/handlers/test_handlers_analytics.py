"""AnalyticsFunction: every good record is stored as it is, every other is reported, and nothing is lost between."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from runtime import stacks, trades
from runtime.aws import Aws, account
from runtime.function import Function
from runtime.trades import batch, raw, trade

TABLE = "trading-analytics-prod-2024"
ATTRIBUTES = ["Price", "Region", "Symbol", "Timestamp", "TradeId", "Volume"]
WRITE = "BatchWriteItem"
ROUNDS = 9


@pytest.fixture(scope="module")
def opened() -> Iterator[Aws]:
    with account(stacks.source()) as one:
        yield one


@pytest.fixture
def aws(opened: Aws) -> Aws:
    opened.clear()
    return opened


@pytest.fixture
def analytics(aws: Aws) -> Function:
    return Function(aws, "AnalyticsFunction")


@pytest.fixture(scope="module")
def warm(opened: Aws) -> Function:
    """Give one container to all tests that only look at records."""
    return Function(opened, "AnalyticsFunction")


def reported(function: Function, event: dict[str, Any]) -> list[str]:
    """Invoke a function; return the sequence numbers that it reports."""
    result = function.invoke(event)
    assert not result.error, result.trace
    assert list(result.payload) == ["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in result.payload["batchItemFailures"]]


def stored(aws: Aws) -> list[str]:
    return [row["TradeId"] for row in aws.rows(TABLE)]


def last_line(function: Function) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(function.log[-1])
    return line


def test_a_trade_is_stored_with_its_region_and_nothing_else(aws: Aws, analytics: Function) -> None:
    reported(analytics, batch(raw(note='{"any":["thing"]}')))
    assert aws.rows(TABLE) == [
        {
            "TradeId": "t",
            "Timestamp": Decimal(1718429898),
            "Symbol": "ABC",
            "Price": Decimal("101.25"),
            "Volume": Decimal(3),
            "Region": "us-east-1",
        }
    ]


def test_the_target_stack_stores_in_its_own_region() -> None:
    with account(stacks.target(), stacks.source()) as aws:
        reported(Function(aws, "AnalyticsFunction"), batch(raw()))
        assert [row["Region"] for row in aws.rows(TABLE)] == ["eu-central-1"]


@pytest.mark.parametrize("field", ["price", "volume"])
@pytest.mark.parametrize("spelling", trades.EXACT.values(), ids=trades.EXACT)
def test_a_number_is_stored_exactly(aws: Aws, warm: Function, field: str, spelling: str) -> None:
    assert reported(warm, batch(raw(**{field: spelling}))) == []
    assert aws.rows(TABLE)[0][field.title()] == Decimal(spelling)


@pytest.mark.parametrize("spelling", ["-1", "0", "1718429898.123", "1718429898123"])
def test_a_timestamp_may_be_any_number(aws: Aws, warm: Function, spelling: str) -> None:
    assert reported(warm, batch(raw(timestamp=spelling))) == []
    assert aws.rows(TABLE)[0]["Timestamp"] == Decimal(spelling)


@pytest.mark.parametrize("text", ["x" * 2048, "\u00e9" * 1024, " ", "\U0001f4c8", "\x00"], ids=ascii)
def test_a_text_of_any_letters_up_to_2048_bytes_is_stored(aws: Aws, warm: Function, text: str) -> None:
    assert reported(warm, batch(raw(tradeId=json.dumps(text), symbol=json.dumps(text)))) == []
    assert [(row["TradeId"], row["Symbol"]) for row in aws.rows(TABLE)] == [(text, text)]


@pytest.mark.parametrize("data", trades.MALFORMED.values(), ids=trades.MALFORMED)
def test_a_malformed_record_is_reported_and_its_neighbours_stored(aws: Aws, warm: Function, data: bytes | str) -> None:
    assert reported(warm, batch(trade(1), data, trade(2))) == ["1"]
    assert stored(aws) == ["t1", "t2"]
    assert last_line(warm)["invalid"] == 1


def test_all_malformed_records_of_a_batch_are_reported_in_order(aws: Aws, analytics: Function) -> None:
    assert reported(analytics, batch(b"{", trade(1), b"[]", trade(2), "!")) == ["0", "2", "4"]
    assert stored(aws) == ["t1", "t2"]


def test_a_batch_of_malformed_records_alone_writes_nothing(aws: Aws, analytics: Function) -> None:
    assert reported(analytics, batch(b"{", b"[")) == ["0", "1"]
    assert aws.made(WRITE) == []


def test_of_one_key_twice_in_a_batch_the_last_is_stored(aws: Aws, analytics: Function) -> None:
    twice = batch(
        raw(price="1", timestamp="5.0"), trade(1), raw(price="2", timestamp="5"), raw(price="3", timestamp="5e0")
    )
    assert reported(analytics, twice) == []
    assert [row["Price"] for row in aws.rows(TABLE)] == [Decimal(3), Decimal("1.10")]


@pytest.mark.parametrize("spelling", ["0", "-0", "0.00", "-0e5"])
def test_every_zero_is_one_key_and_sent_without_a_sign(aws: Aws, warm: Function, spelling: str) -> None:
    assert reported(warm, batch(raw(timestamp="0"), raw(timestamp=spelling, price=spelling))) == []
    ((put,),) = (call["RequestItems"][TABLE] for call in aws.made(WRITE))
    assert {name: put["PutRequest"]["Item"][name]["N"] for name in ("Timestamp", "Price")} == {
        "Timestamp": "0", "Price": "0",
    }  # fmt: skip


def test_of_one_key_twice_a_malformed_last_one_leaves_the_first(aws: Aws, analytics: Function) -> None:
    assert reported(analytics, batch(raw(price="1"), raw(price="x"))) == ["1"]
    assert [row["Price"] for row in aws.rows(TABLE)] == [Decimal(1)]


def test_all_records_of_a_key_are_reported_when_it_is_not_stored(aws: Aws, analytics: Function) -> None:
    aws.always[WRITE] = "ProvisionedThroughputExceededException"
    assert reported(analytics, batch(raw(price="1"), trade(1), raw(price="2"))) == ["0", "1", "2"]


def test_the_same_batch_again_changes_nothing(aws: Aws, analytics: Function) -> None:
    event = batch(*[trade(number) for number in range(30)])
    reported(analytics, event)
    before = aws.rows(TABLE)
    assert reported(analytics, event) == []
    assert aws.rows(TABLE) == before


def test_a_hundred_records_cost_four_writes_and_one_line(aws: Aws, analytics: Function) -> None:
    assert reported(analytics, batch(*[trade(number) for number in range(100)])) == []
    assert len(aws.rows(TABLE)) == 100
    assert len(aws.made(WRITE)) == 4
    assert len(analytics.log) == 1


def test_the_line_of_a_batch_counts_and_names_ten_failures(aws: Aws, analytics: Function) -> None:
    aws.faults[WRITE].extend(["ThrottlingException", "part"])
    reported(analytics, batch(*[trade(number) for number in range(4)], *[b"{"] * 12))
    line = last_line(analytics)
    assert {name: line[name] for name in ("records", "invalid", "failed", "errors")} == {
        "records": 16, "invalid": 12, "failed": 12, "errors": {"ThrottlingException": 1, "Unprocessed": 2},
    }  # fmt: skip
    assert len(line["failures"]) == 10


TRANSIENT = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ReplicatedWriteConflictException",
    "lost",
    "part",
]


@pytest.mark.parametrize("fault", TRANSIENT)
@pytest.mark.parametrize("times", [1, 4, 8])
def test_what_passes_is_waited_for(aws: Aws, analytics: Function, fault: str, times: int) -> None:
    aws.faults[WRITE].extend([fault] * times)
    assert reported(analytics, batch(*[trade(number) for number in range(20)])) == []
    assert len(aws.rows(TABLE)) == 20


def test_pauses_grow_while_it_is_throttled(aws: Aws, analytics: Function) -> None:
    waited = []
    for times in (1, 4, 8):
        aws.clear()
        aws.faults[WRITE].extend(["ThrottlingException"] * times)
        reported(analytics, batch(trade(1)))
        waited.append(aws.clock.now)
    assert [0.1 <= waited[0] <= 0.2, 1.5 <= waited[1] <= 3, 22 <= waited[2] <= 46] == [True] * 3


@pytest.mark.parametrize("fault", [*TRANSIENT[:-1], "ResourceNotFoundException", "AccessDeniedException", "Unheard-of"])
def test_what_does_not_pass_is_reported(aws: Aws, analytics: Function, fault: str) -> None:
    aws.always[WRITE] = fault
    assert reported(analytics, batch(*[trade(number) for number in range(30)], b"{")) == [str(n) for n in range(31)]
    assert len(aws.made(WRITE)) <= 2 * ROUNDS
    assert last_line(analytics)["invalid"] == 1


def test_of_a_batch_written_partly_for_ever_what_was_not_is_reported(aws: Aws, analytics: Function) -> None:
    aws.faults[WRITE].append("part")
    aws.always[WRITE] = "ThrottlingException"
    failed = reported(analytics, batch(*[trade(number) for number in range(10)]))
    assert sorted(stored(aws) + [f"t{number}" for number in failed]) == [f"t{number}" for number in range(10)]


def test_a_write_that_is_refused_whole_is_tried_one_by_one(aws: Aws, analytics: Function) -> None:
    aws.faults[WRITE].append("ValidationException")
    assert reported(analytics, batch(*[trade(number) for number in range(5)])) == []
    assert [len(call["RequestItems"][TABLE]) for call in aws.made(WRITE)] == [5, 1, 1, 1, 1, 1]


def test_no_write_begins_when_little_time_is_left(aws: Aws, analytics: Function) -> None:
    analytics.timeout = 9
    assert reported(analytics, batch(trade(1), trade(2))) == ["0", "1"]
    assert aws.made(WRITE) == []


def test_a_slow_table_leaves_time_to_report(aws: Aws, analytics: Function) -> None:
    analytics.timeout = 17
    aws.always[WRITE] = "lost"
    assert len(reported(analytics, batch(*[trade(number) for number in range(100)]))) == 100


def test_it_gives_up_within_its_time(aws: Aws, analytics: Function) -> None:
    aws.always[WRITE] = "lost"
    reported(analytics, batch(*[trade(number) for number in range(100)]))
    assert aws.clock.now < analytics.timeout


REFUSED: dict[str, Any] = {
    "nothing": None,
    "an empty object": {},
    "a list": [],
    "a text": "Records",
    "a number": 5,
    "Records null": {"Records": None},
    "Records empty": {"Records": []},
    "Records a text": {"Records": "ab"},
    "Records an object": {"Records": {}},
    "records that are numbers": {"Records": [1]},
    "records that are null": {"Records": [None]},
    "records of SQS": {"Records": [{"eventSource": "aws:sqs", "body": "x"}]},
    "records of DynamoDB": {
        "Records": [{"eventSource": "aws:dynamodb", "kinesis": {"sequenceNumber": "1", "data": ""}}]
    },
    "a source that is a list": {"Records": [{"eventSource": [], "kinesis": {"sequenceNumber": "1", "data": ""}}]},
    "no data": {"Records": [{"eventSource": "aws:kinesis", "kinesis": {"sequenceNumber": "1"}}]},
    "no kinesis": {"Records": [{"eventSource": "aws:kinesis"}]},
    "kinesis null": {"Records": [{"eventSource": "aws:kinesis", "kinesis": None}]},
    "one of two not of Kinesis": {"Records": [*batch(raw())["Records"], {"eventSource": "aws:sqs"}]},
}


@pytest.mark.parametrize("event", REFUSED.values(), ids=REFUSED)
def test_an_event_that_is_no_kinesis_batch_is_refused(aws: Aws, warm: Function, event: Any) -> None:
    result = warm.invoke(event)
    assert (result.error, result.message.split(":")[0]) == ("ValueError", "not a Kinesis batch")
    assert aws.made(WRITE) == []


def test_the_config_is_read_once_a_container(aws: Aws, analytics: Function) -> None:
    for number in range(3):
        reported(analytics, batch(trade(number)))
    assert (analytics.containers, len(aws.made("GetParameter"))) == (1, 1)


def test_a_new_container_reads_the_config_again(aws: Aws, analytics: Function) -> None:
    reported(analytics, batch(trade(1)))
    analytics.module = None
    reported(analytics, batch(trade(2)))
    assert (analytics.containers, len(aws.made("GetParameter"))) == (2, 2)


@pytest.mark.parametrize("fault", ["ThrottlingException", "InternalServerError", "ParameterNotFound", "lost"])
def test_a_failed_read_of_the_config_loses_nothing(aws: Aws, analytics: Function, fault: str) -> None:
    aws.always["GetParameter"] = fault
    assert analytics.invoke(batch(trade(1))).error
    aws.always.clear()
    assert reported(analytics, batch(trade(1))) == []
    assert stored(aws) == ["t1"]


@pytest.mark.parametrize("value", ["", "{", "[]", "{}", '{"table":"x"}', "null"])
def test_a_config_that_cannot_be_used_loses_nothing(aws: Aws, analytics: Function, value: str) -> None:
    name = analytics.environment["CONFIG_PARAMETER"]
    good = aws.ssm.get_parameter(Name=name)["Parameter"]["Value"]
    aws.ssm.put_parameter(Name=name, Value=value or " ", Overwrite=True)
    assert analytics.invoke(batch(trade(1))).error
    aws.ssm.put_parameter(Name=name, Value=good, Overwrite=True)
    assert reported(analytics, batch(trade(1))) == []


def test_a_container_that_hangs_is_ended_and_the_next_one_stores(aws: Aws, analytics: Function) -> None:
    aws.faults[WRITE].append("hang")
    assert analytics.invoke(batch(trade(1))).error == "Sandbox.Timedout"
    assert reported(analytics, batch(trade(1))) == []
    assert analytics.containers == 2
