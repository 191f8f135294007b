"""Records put back into their stream: both forms of objects, what is left, what is moved, and run again."""

import base64
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from account import ACCOUNT, Account, answered
from moto import mock_aws

from stackproof.cli import deploy_commands, main
from stackproof.cli.redrive_command import moment
from stackproof.deploy.client import Failed, session
from stackproof.deploy.failure_objects import Record, parked_in
from stackproof.deploy.redrive import DONE, MOST, TRIES, Place, Redriver, Tally
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen

REGION = "us-east-1"
PLACE = Place(REGION, "parked", "trades", "source stack")
ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/trades"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account with the stream and the bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    session.cache_clear()
    with mock_aws():
        made = Account(pause=0, sleep=lambda _: None)
        made.ask("s3", REGION, "create_bucket", Bucket="parked")
        made.ask("kinesis", REGION, "create_stream", StreamName="trades", ShardCount=1)
        yield made
    session.cache_clear()


def row(key: str, data: bytes, arn: str = ARN, **other: Any) -> dict[str, Any]:
    """Return a record as Lambda hands it over."""
    inner = {"partitionKey": key, "data": base64.b64encode(data).decode(), "sequenceNumber": "1", **other}
    return {"eventSource": "aws:kinesis", "eventSourceARN": arn, "kinesis": inner}


def rejected(record: Any, reason: str = "KeyError('price')") -> bytes:
    return json.dumps({"reason": reason, "record": record}).encode()


def given_up(*records: Any) -> bytes:
    """Return Lambda's note on an invocation, as its guide shows it for a destination in S3."""
    note = {
        "requestContext": {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 1},
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "version": "1.0",
        "KinesisBatchInfo": {"shardId": "shardId-000000000000", "batchSize": len(records), "streamArn": ARN},
        "payload": json.dumps({"Records": list(records)}),
    }
    return json.dumps(note).encode()


def put(cloud: Account, key: str, body: bytes) -> None:
    cloud.ask("s3", REGION, "put_object", Bucket="parked", Key=key, Body=body)


def keys(cloud: Account) -> list[str]:
    return [
        content["Key"] for content in cloud.ask("s3", REGION, "list_objects_v2", Bucket="parked").get("Contents", ())
    ]


def stored(cloud: Account) -> list[tuple[str, bytes]]:
    shard = {"StreamName": "trades", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    at = cloud.ask("kinesis", REGION, "get_shard_iterator", **shard)["ShardIterator"]
    found = cloud.ask("kinesis", REGION, "get_records", ShardIterator=at, Limit=10_000)["Records"]
    return [(item["PartitionKey"], item["Data"]) for item in found]


def redriven(cloud: Account, **more: Any) -> Tally:
    return Redriver(cloud, Screen(io.StringIO()), PLACE, **more).run()


LAMBDA = "aws/lambda/0a1b2c3d/shardId-000000000000/2026/03/01/2026-03-01T12.00.00-4e5f"
STRANGE = bytes(range(256))


def test_both_forms_go_back_as_they_were_put_and_their_objects_are_moved(cloud: Account) -> None:
    put(cloud, "rejected/2026-03-01/shardId-000000000000-1.json", rejected(row("kéy", STRANGE)))
    put(cloud, LAMBDA, given_up(row("a", b"1"), row("b", b""), row("a", b"3")))
    tally = redriven(cloud)
    assert sorted(stored(cloud)) == sorted([("kéy", STRANGE), ("a", b"1"), ("b", b""), ("a", b"3")])
    assert keys(cloud) == [f"{DONE}{LAMBDA}", f"{DONE}rejected/2026-03-01/shardId-000000000000-1.json"]
    assert (tally.objects, tally.records, tally.left) == (2, 4, [])
    assert dict(tally.reasons) == {"KeyError('price')": 1, "RetryAttemptsExhausted": 3}


def test_run_again_there_is_nothing_left_to_do(cloud: Account) -> None:
    put(cloud, "rejected/one.json", rejected(row("a", b"1")))
    redriven(cloud)
    assert (redriven(cloud), len(stored(cloud))) == (Tally(), 1)


def test_a_dry_run_counts_and_changes_nothing(cloud: Account) -> None:
    put(cloud, "rejected/one.json", rejected(row("a", b"1")))
    tally = redriven(cloud, dry=True)
    assert (tally.objects, tally.records) == (1, 1)
    assert (keys(cloud), stored(cloud)) == (["rejected/one.json"], [])


def test_objects_beside_the_prefixes_and_what_is_redriven_are_not_touched(cloud: Account) -> None:
    for key in ("data/one.json", f"{DONE}rejected/one.json", "rejected-not/one.json"):
        put(cloud, key, rejected(row("a", b"1")))
    assert redriven(cloud).objects == 0
    assert len(keys(cloud)) == 3


def test_what_replication_brought_from_the_other_region_is_left_for_that_one(cloud: Account) -> None:
    elsewhere = ARN.replace(REGION, "eu-central-1")
    put(cloud, "rejected/theirs.json", rejected(row("a", b"1", elsewhere)))
    put(cloud, "rejected/other.json", rejected(row("a", b"1", ARN + "-2")))
    put(cloud, "rejected/own.json", rejected(row("a", b"2")))
    assert redriven(cloud).elsewhere == 2
    assert stored(cloud) == [("a", b"2")]
    assert keys(cloud) == ["redriven/rejected/own.json", "rejected/other.json", "rejected/theirs.json"]


DAMAGED = {
    "no JSON": (b"{", "it is no JSON"),
    "a list": (b"[]", "it is no JSON object"),
    "deep": (b"[" * 100_000, "it is no JSON"),
    "no records": (b'{"payload": "{}"}', "its payload has no records"),
    "a batch for a queue": (b'{"KinesisBatchInfo": {}}', "it has neither a record nor a payload"),
    "payload": (b'{"payload": "{"}', "its payload is no JSON"),
    "data": (rejected({"eventSourceARN": ARN, "kinesis": {"partitionKey": "a", "data": "?"}}), "is no base64"),
    "no key": (rejected({"eventSourceARN": ARN, "kinesis": {"data": "YQ=="}}), "lacks its partitionKey"),
    "no stream": (rejected({"kinesis": {"partitionKey": "a", "data": "YQ=="}}), "lacks its partitionKey, data or"),
    "a queue's": (rejected({"messageId": "1"}), "is not of a Kinesis stream"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_an_object_that_is_neither_form_is_left_and_named_and_stops_no_other(cloud: Account, name: str) -> None:
    body, reason = DAMAGED[name]
    put(cloud, "rejected/bad.json", body)
    put(cloud, "rejected/good.json", rejected(row("a", b"1")))
    tally = redriven(cloud)
    assert [item.startswith("rejected/bad.json: ") and reason in item for item in tally.left] == [True]
    assert (len(stored(cloud)), "rejected/bad.json" in keys(cloud)) == (1, True)


def test_a_payload_that_is_no_text_is_read_as_well() -> None:
    note = {"payload": {"Records": [row("a", b"1")]}}
    assert parked_in(json.dumps(note).encode()).records == (Record(ARN, "a", b"1"),)


def test_only_what_was_put_away_since_then_goes_back(cloud: Account) -> None:
    put(cloud, "rejected/one.json", rejected(row("a", b"1")))
    assert redriven(cloud, since=datetime.now(UTC) + timedelta(minutes=1)).objects == 0
    assert redriven(cloud, since=datetime.now(UTC) - timedelta(minutes=1)).objects == 1


class Throttling(Account):
    """Refuses records by their data, so often each, as a full shard does."""

    def ask(self, service: str, region: str | None, action: str, /, **arguments: Any) -> Mapping[str, Any]:
        if action != "put_records":
            return super().ask(service, region, action, **arguments)
        assert len(arguments["Records"]) <= MOST
        taken, results = [], []
        for record in arguments["Records"]:
            left = self.answers.get((record["PartitionKey"], "refuse"), [])
            if left:
                left.pop()
                results.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "full"})
            else:
                taken.append(record)
                results.append({"SequenceNumber": "1", "ShardId": "shardId-000000000000"})
        if not taken:
            self.calls.append((service, region, action))
        else:
            super().ask(service, region, action, StreamName="trades", Records=taken)
        return {"Records": results, "FailedRecordCount": len(arguments["Records"]) - len(taken)}


def throttling(**refused: int) -> Throttling:
    return Throttling(pause=0, sleep=lambda _: None, answers={(key, "refuse"): [0] * n for key, n in refused.items()})


def test_records_that_the_stream_refuses_are_put_again_and_no_others(cloud: Account) -> None:
    put(cloud, LAMBDA, given_up(row("a", b"1"), row("b", b"2"), row("c", b"3")))
    full = throttling(b=3)
    assert redriven(full).records == 3
    assert sorted(stored(cloud)) == [("a", b"1"), ("b", b"2"), ("c", b"3")]


def test_an_object_of_which_a_record_is_never_taken_stays_and_the_others_are_moved(cloud: Account) -> None:
    put(cloud, "rejected/one.json", rejected(row("a", b"1")))
    put(cloud, "rejected/two.json", rejected(row("b", b"2")))
    full = throttling(b=TRIES)
    with pytest.raises(Failed, match="did not take 1 records: ProvisionedThroughputExceededException") as caught:
        redriven(full)
    assert caught.value.fix
    assert keys(cloud) == ["redriven/rejected/one.json", "rejected/two.json"]
    redriven(full)
    assert (len(keys(cloud)), sorted(stored(cloud))) == (2, [("a", b"1"), ("b", b"2")])


def test_a_stream_that_is_not_there_moves_nothing(cloud: Account) -> None:
    put(cloud, "rejected/one.json", rejected(row("a", b"1", ARN + "-2")))
    with pytest.raises(Failed, match="ResourceNotFoundException"):
        Redriver(cloud, Screen(io.StringIO()), PLACE._replace(stream="trades-2")).run()
    assert keys(cloud) == ["rejected/one.json"]


def test_many_records_go_in_calls_that_the_stream_takes(cloud: Account) -> None:
    put(cloud, LAMBDA, given_up(*(row("a", str(number).encode()) for number in range(2 * MOST + 1))))
    full = throttling()
    assert redriven(full).records == 2 * MOST + 1
    assert [action for _, _, action in full.calls].count("put_records") == 3
    assert len(stored(cloud)) == 2 * MOST + 1


def test_large_records_go_in_calls_below_the_limit(cloud: Account) -> None:
    for number in range(6):
        put(cloud, f"rejected/{number}.json", rejected(row("a", b"x" * 1_000_000)))
    full = throttling()
    redriven(full)
    assert [action for _, _, action in full.calls].count("put_records") >= 2
    assert len(stored(cloud)) == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28", datetime(2026, 2, 28, tzinfo=UTC)),
        ("2026-02-28T06:30", datetime(2026, 2, 28, 6, 30, tzinfo=UTC)),
        ("2026-02-28T06:30:00+02:00", datetime(2026, 2, 28, 4, 30, tzinfo=UTC)),
        ("90m", NOW - timedelta(minutes=90)),
        ("6h", NOW - timedelta(hours=6)),
        ("2d", NOW - timedelta(days=2)),
    ],
)
def test_a_moment_is_a_date_a_time_or_so_long_ago(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["yesterday", "6x", "2026-02-30", "-1d", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(CannotTell, match="is no moment"):
        moment(text, NOW)


def described(region: str) -> dict[str, Any]:
    """Return a deployed stack of the platform, as far as redriving reads it."""
    outputs = {"MarketDataStreamName": "trades", "TradingDataBucketName": "parked"}
    return {
        "Stacks": [
            {
                "StackName": "trading-platform",
                "StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/trading-platform/1",
                "CreationTime": NOW,
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
            }
        ]
    }


Captured = pytest.CaptureFixture[str]


def test_the_command_takes_names_from_the_outputs_of_the_deployed_stacks(
    cloud: Account, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    put(cloud, "rejected/one.json", rejected(row("a", b"1")))
    here = replace(cloud, answers={("cloudformation", "describe_stacks"): described(REGION)})
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: here)
    assert main.main(["redrive", "--side", "source", "--dry-run"]) == 0
    assert main.main(["redrive", "--side", "source"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert "1 records of 1 objects would be put back" in out[0]
    assert out[-1] == "  1 records: KeyError('price')"
    assert stored(cloud) == [("a", b"1")]


def test_the_command_ends_1_where_something_is_left(cloud: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    put(cloud, "rejected/one.json", b"{")
    here = replace(cloud, answers={("cloudformation", "describe_stacks"): described(REGION)})
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: here)
    assert main.main(["redrive", "--side", "source", "--since", "1d"]) == 1


def test_a_stack_that_is_not_there_is_named(cloud: Account, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    gone = answered("ValidationError", "Stack with id trading-platform does not exist")
    here = replace(cloud, answers={("cloudformation", "describe_stacks"): gone})
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: here)
    assert main.main(["redrive"]) == 2
    assert "the source stack trading-platform in us-east-1 is not there" in capsys.readouterr().err


def test_outputs_that_do_not_tell_the_names_are_named(
    cloud: Account, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    bare = described(REGION)
    bare["Stacks"][0]["Outputs"] = []
    here = replace(cloud, answers={("cloudformation", "describe_stacks"): bare})
    monkeypatch.setattr(deploy_commands, "Cloud", lambda: here)
    assert main.main(["redrive"]) == 2
    assert "tells the name of MarketDataStream; fix: " in capsys.readouterr().err
