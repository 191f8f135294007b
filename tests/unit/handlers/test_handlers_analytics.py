"""AnalyticsFunction: every good record is stored as it is, every other is parked, and nothing is lost between."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from runtime import stacks, trades
from runtime.aws import Aws, account
from runtime.clock import EPOCH
from runtime.function import Function
from runtime.trades import batch, raw, trade

TABLE = "trading-analytics-prod-2024"
WRITE, PARK = "BatchWriteItem", "PutObject"
ROUNDS = 9


@pytest.fixture(scope="module")
def opened() -> Iterator[Aws]:
    with account(stacks.source()) as item:
        yield item


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


def counts(function: Function) -> dict[str, int]:
    """Return what the last line of the log counts."""
    line = last_line(function)
    return {name: line[name] for name in ("Stored", "Rejected", "Failed")}


def test_a_trade_is_stored_with_its_region_and_nothing_else(aws: Aws, analytics: Function) -> None:
    reported(analytics, batch(raw(note='{"any":["thing"]}')))
    assert aws.rows(TABLE) == [
        {
            "TradeId": "t",
            "Timestamp": Decimal(1718429898),
            "Symbol": "ABC",
            "SymbolShard": "ABC#3",
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


@pytest.mark.parametrize("text", ["x" * 2045, "\u00e9" * 1022, " ", "\U0001f4c8", "\x00"], ids=ascii)
def test_a_text_of_any_letters_up_to_the_length_of_a_key_is_stored(aws: Aws, warm: Function, text: str) -> None:
    assert reported(warm, batch(raw(tradeId=json.dumps(text), symbol=json.dumps(text)))) == []
    assert [(row["TradeId"], row["Symbol"]) for row in aws.rows(TABLE)] == [(text, text)]


# What can never be stored


@pytest.mark.parametrize("data", trades.MALFORMED.values(), ids=trades.MALFORMED)
def test_a_malformed_record_is_parked_whole_and_its_neighbours_stored(
    aws: Aws, warm: Function, data: bytes | str
) -> None:
    event = batch(trade(1), data, trade(2))
    assert reported(warm, event) == []
    assert stored(aws) == ["t1", "t2"]
    ((key, content),) = aws.parked()
    assert key == "rejected/2024-06-15/shardId-000000000000-1.json"
    assert content["record"] == event["Records"][1]
    assert counts(warm) == {"Stored": 2, "Rejected": 1, "Failed": 0}


REASONS = {
    "price": (raw(price="-1"), "price is not a number, or negative"),
    "a missing field": (raw(without="symbol"), "symbol"),
    "a long text": (raw(tradeId=json.dumps("x" * 2049)), "tradeId is not a string of 1 to 2,048 bytes"),
}


@pytest.mark.parametrize(("data", "reason"), REASONS.values(), ids=REASONS)
def test_a_parked_record_carries_the_reason(aws: Aws, warm: Function, data: bytes, reason: str) -> None:
    reported(warm, batch(data))
    ((_, content),) = aws.parked()
    assert reason in content["reason"]
    assert reason in last_line(warm)["reasons"]["0"]


def test_a_reason_is_short_however_long_the_record_is(aws: Aws, warm: Function) -> None:
    reported(warm, batch(raw(tradeId="1", price="1" * 100_000), b"[" * 100_000))
    assert all(len(content["reason"]) <= 300 for _, content in aws.parked())


def test_a_batch_of_malformed_records_alone_writes_nothing_to_the_table(aws: Aws, analytics: Function) -> None:
    assert reported(analytics, batch(b"{", b"[")) == []
    assert aws.made(WRITE) == []
    assert len(aws.parked()) == 2


def test_a_record_that_comes_again_is_parked_once(aws: Aws, analytics: Function) -> None:
    event = batch(b"{", trade(1))
    assert [reported(analytics, event) for _ in range(3)] == [[], [], []]
    assert len(aws.parked()) == 1
    assert counts(analytics)["Rejected"] == 1


def test_one_record_of_two_shards_is_two_objects(aws: Aws, analytics: Function) -> None:
    event = batch(b"{")
    reported(analytics, event)
    event["Records"][0]["eventID"] = "shardId-000000000001:0"
    reported(analytics, event)
    assert len(aws.parked()) == 2


def test_what_is_refused_alone_as_well_is_parked(aws: Aws, analytics: Function) -> None:
    aws.faults[WRITE].extend(["ValidationException", "", "ValidationException"])
    assert reported(analytics, batch(*[trade(number) for number in range(3)])) == []
    assert stored(aws) == ["t0", "t2"]
    ((key, content),) = aws.parked()
    assert key.endswith("-1.json")
    assert content["reason"] == "refused by the table"


@pytest.mark.parametrize("fault", ["SlowDown", "AccessDenied", "NoSuchBucket", "InternalError", "lost"])
def test_a_record_that_cannot_be_parked_is_reported(aws: Aws, analytics: Function, fault: str) -> None:
    aws.always[PARK] = fault
    assert reported(analytics, batch(trade(1), b"{", trade(2))) == ["1"]
    assert stored(aws) == ["t1", "t2"]
    assert counts(analytics) == {"Stored": 2, "Rejected": 0, "Failed": 1}
    assert "not parked" in last_line(analytics)["reasons"]["1"]


def test_a_record_that_was_parked_without_an_answer_is_handled_the_next_time(aws: Aws, analytics: Function) -> None:
    aws.faults[PARK].append("lost")
    assert [reported(analytics, batch(b"{")) for _ in range(2)] == [["0"], []]
    assert len(aws.parked()) == 1


def test_only_the_record_that_cannot_be_parked_is_reported(aws: Aws, analytics: Function) -> None:
    aws.faults[PARK].extend(["", "SlowDown", ""])
    assert reported(analytics, batch(b"{", b"[", b"]")) == ["1"]
    assert len(aws.parked()) == 2


def test_a_bucket_that_never_answers_leaves_time_to_report(aws: Aws, analytics: Function) -> None:
    aws.always[PARK] = "lost"
    assert len(reported(analytics, batch(*[b"{"] * 100))) == 100
    assert aws.clock.now < analytics.timeout


def test_a_table_that_fails_does_not_keep_bad_records_from_being_parked(aws: Aws, analytics: Function) -> None:
    aws.always[WRITE] = "ThrottlingException"
    assert reported(analytics, batch(trade(1), b"{", trade(2))) == ["0", "2"]
    assert len(aws.parked()) == 1


# Keys, shards, canaries


def test_a_symbol_is_spread_over_16_shards_by_the_trade(aws: Aws, warm: Function) -> None:
    for first in range(0, 400, 100):
        reported(warm, batch(*[trade(first + number) for number in range(100)]))
    shards = Counter(row["SymbolShard"] for row in aws.rows(TABLE))
    assert set(shards) == {f"ABC#{number}" for number in range(16)}
    assert max(shards.values()) < 3 * 400 / 16


def test_the_shard_of_a_trade_is_the_same_in_every_container(aws: Aws) -> None:
    # As any program can work it out: the first byte of the SHA-256 of the trade's id.
    wanted = f"ABC#{hashlib.sha256(bytes('té', 'utf-8')).digest()[0] % 16}"
    for _ in range(2):
        reported(Function(aws, "AnalyticsFunction"), batch(raw(tradeId='"t\u00e9"')))
        assert [row["SymbolShard"] for row in aws.rows(TABLE)] == [wanted]


def test_a_canary_expires_after_a_day_and_nothing_else_does(aws: Aws, warm: Function) -> None:
    symbols = ["CANARY", "canary", "CANARY ", "XCANARY", "ABC"]
    reported(warm, batch(*[trade(number, symbol=json.dumps(symbol)) for number, symbol in enumerate(symbols)]))
    expiry = {row["Symbol"]: row.get("ExpiresAt") for row in aws.rows(TABLE)}
    assert expiry == dict.fromkeys(symbols) | {"CANARY": Decimal(int(EPOCH) + 86_400)}


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


def test_a_trade_id_may_be_as_long_as_a_key(aws: Aws, warm: Function) -> None:
    assert reported(warm, batch(raw(tradeId=json.dumps("x" * 2048)))) == []
    assert stored(aws) == ["x" * 2048]


def test_of_one_key_twice_a_malformed_last_one_leaves_the_first(aws: Aws, analytics: Function) -> None:
    assert reported(analytics, batch(raw(price="1"), raw(price="x"))) == []
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


# The line of a batch


def test_the_line_of_a_batch_counts_and_names_ten_reasons(analytics: Function) -> None:
    reported(analytics, batch(*[trade(number) for number in range(4)], *[b"{"] * 12))
    assert counts(analytics) == {"Stored": 4, "Rejected": 12, "Failed": 0}
    assert len(last_line(analytics)["reasons"]) == 10


def test_records_of_one_key_count_each(aws: Aws, analytics: Function) -> None:
    reported(analytics, batch(raw(price="1"), raw(price="2")))
    assert counts(analytics)["Stored"] == 2
    assert len(aws.rows(TABLE)) == 1


def test_what_is_not_stored_is_counted_and_says_why(aws: Aws, analytics: Function) -> None:
    aws.always[WRITE] = "ThrottlingException"
    reported(analytics, batch(trade(1), trade(2)))
    assert counts(analytics) == {"Stored": 0, "Rejected": 0, "Failed": 2}
    assert last_line(analytics)["reasons"]["0"] == "not stored: ThrottlingException"


def test_the_latency_is_that_of_each_stored_trade_in_milliseconds(aws: Aws, analytics: Function) -> None:
    aws.faults[WRITE].append("ThrottlingException")
    reported(analytics, batch(trade(1), b"{", trade(2)))
    waited = round(aws.clock.now * 1000)
    assert last_line(analytics)["Latency"] == pytest.approx([1500 + waited] * 2, abs=1)


def test_a_latency_is_not_negative_when_clocks_differ(analytics: Function) -> None:
    event = batch(trade(1))
    event["Records"][0]["kinesis"]["approximateArrivalTimestamp"] = EPOCH + 5
    reported(analytics, event)
    assert last_line(analytics)["Latency"] == [0]


NO_TIME: dict[str, Any] = {
    "text": "now", "null": None, "a list": [], "an object": {}, "zero": 0, "negative": -1, "huge": 10**400,
    "infinite": float("inf"), "no number": float("nan"),
}  # fmt: skip


@pytest.mark.parametrize("time", NO_TIME.values(), ids=NO_TIME)
def test_a_time_of_arrival_that_is_none_costs_no_trade(aws: Aws, analytics: Function, time: Any) -> None:
    event = batch(trade(1), b"{")
    for row in event["Records"]:
        row["kinesis"]["approximateArrivalTimestamp"] = time
    assert reported(analytics, event) == []
    assert (stored(aws), [key for key, _ in aws.parked()]) == (
        ["t1"], ["rejected/1970-01-01/shardId-000000000000-1.json"],
    )  # fmt: skip
    assert valid(last_line(analytics)) == {"Stored", "Rejected", "Failed"}


def test_a_record_without_time_and_id_is_stored_or_parked(aws: Aws, analytics: Function) -> None:
    event = batch(trade(1), b"{", b"[")
    for row in event["Records"]:
        del row["kinesis"]["approximateArrivalTimestamp"]
        del row["eventID"]
    assert reported(analytics, event) == []
    assert (stored(aws), len(aws.parked())) == (["t1"], 2)


def valid(line: dict[str, Any]) -> set[str]:
    """Return the metrics of a line in CloudWatch's embedded format; fail where CloudWatch would take none of it.

    Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
    """
    about = line["_aws"]
    assert set(about) == {"Timestamp", "CloudWatchMetrics"}
    # From two weeks before now to two hours after; whole milliseconds.
    assert type(about["Timestamp"]) is int
    assert -14 * 86_400_000 < about["Timestamp"] - EPOCH * 1000 < 7_200_000
    names = set()
    for directive in about["CloudWatchMetrics"]:
        assert set(directive) <= {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 1024
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30
            assert all(
                isinstance(line[dimension], str) and 1 <= len(line[dimension]) <= 1024 for dimension in dimensions
            )
        assert len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert set(metric) <= {"Name", "Unit", "StorageResolution"}
            assert metric.get("Unit", "None") in ("None", "Count", "Milliseconds")
            values = line[metric["Name"]]
            values = values if isinstance(values, list) else [values]
            assert 1 <= len(values) <= 100
            assert all(type(item) in (int, float) and abs(item) < 2**360 for item in values)
            names.add(metric["Name"])
    return names


LINES: dict[str, list[bytes]] = {
    "trades": [trade(1), trade(2)],
    "a bad record": [b"{"],
    "both": [trade(1), b"{"],
    "a full batch": [trade(number) for number in range(100)],
    "more than metrics have values": [trade(number) for number in range(150)],
}


@pytest.mark.parametrize("data", LINES.values(), ids=LINES)
@pytest.mark.parametrize("fault", ["", "ThrottlingException"])
def test_the_line_is_one_in_the_embedded_format(aws: Aws, analytics: Function, data: list[bytes], fault: str) -> None:
    aws.always[WRITE] = fault
    reported(analytics, batch(*data))
    (text,) = analytics.log
    line = json.loads(text)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("TradingPlatform/Analytics", [["FunctionName"]])
    assert line["FunctionName"] == analytics.inline.properties["FunctionName"]
    latency = {"Latency"} if line["Stored"] else set()
    assert valid(line) == {"Stored", "Rejected", "Failed"} | latency
    assert sum(counts(analytics).values()) == len(data)
    assert len(text.encode()) < 256 * 1024


def test_a_line_of_records_with_long_reasons_fits_into_an_event_of_the_log(analytics: Function) -> None:
    reported(analytics, batch(*[raw(symbol=json.dumps("\u00e9" * 3000))] * 100))
    assert len(analytics.log[-1].encode()) < 16 * 1024


# What passes, and what does not


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
    assert [0.1 <= waited[0] <= 0.2, 1.5 <= waited[1] <= 3, 25 <= waited[2] <= 51] == [True] * 3


@pytest.mark.parametrize("fault", [*TRANSIENT[:-1], "ResourceNotFoundException", "AccessDeniedException", "Unheard-of"])
def test_what_does_not_pass_is_reported_and_never_parked(aws: Aws, analytics: Function, fault: str) -> None:
    aws.always[WRITE] = fault
    assert reported(analytics, batch(*[trade(number) for number in range(30)])) == [str(n) for n in range(30)]
    assert len(aws.made(WRITE)) <= 2 * ROUNDS
    assert aws.parked() == []


def test_a_table_that_is_not_there_costs_nothing(aws: Aws, analytics: Function) -> None:
    aws.delete_tables()
    event = batch(*[trade(number) for number in range(30)])
    assert len(reported(analytics, event)) == 30
    assert aws.parked() == []
    aws.create_tables()
    assert reported(analytics, event) == []
    assert len(aws.rows(TABLE)) == 30


def test_a_table_that_takes_a_part_each_time_gets_all(aws: Aws, analytics: Function) -> None:
    aws.always[WRITE] = "part"
    assert reported(analytics, batch(*[trade(number) for number in range(100)])) == []
    assert len(aws.rows(TABLE)) == 100


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
    analytics.timeout = 22
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


NAMES = {"table": "x", "bucket": "y", "region": "z"}
BLANKS: tuple[Any, ...] = ("", 5, None, [], True)
CONFIGS = [json.dumps({**NAMES, name: value}) for name in NAMES for value in BLANKS]


@pytest.mark.parametrize("value", ["", "{", "[]", "{}", '{"table":"x"}', "null", *CONFIGS])
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
