"""MigrationTrackerFunction: every step is recorded once, every request of CloudFormation is answered once."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runtime import stacks
from runtime.aws import ROW, Aws, account
from runtime.custom import IDS, CustomResource, Receiver, receiver
from runtime.function import Function, Result

TABLE = "migration-state-prod-2024"
MIGRATION = "migration-prod-2024-us-east-1"
SIGNED_AT = 1718429898
"""The second that the address of the receiver is signed at."""
PUT, METRIC = "PutItem", "PutMetricData"
STEP: dict[str, Any] = {"migrationId": "m", "status": "COPYING", "progress": 40, "details": {"table": "trades"}}
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "Migration step",
    "source": "trading-platform.migration",
    "account": "111111111111",
    "time": "2024-06-15T05:38:18Z",
    "region": "us-east-1",
    "resources": [],
    "detail": STEP,
}
TRACE = "Root=1-666d278a-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture(scope="module")
def opened() -> Iterator[Aws]:
    with account(stacks.source()) as item:
        yield item


@pytest.fixture(scope="module")
def warm(opened: Aws) -> Function:
    return Function(opened, "MigrationTrackerFunction")


@pytest.fixture
def aws(opened: Aws) -> Aws:
    opened.clear()
    return opened


@pytest.fixture
def tracker(aws: Aws, warm: Function) -> Function:  # noqa: ARG001 - the account is to be clear before the function runs
    return warm


@pytest.fixture
def address() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


@pytest.fixture
def resource(tracker: Function, address: Receiver) -> CustomResource:
    return CustomResource(tracker, address)


def outcome(result: Result) -> Any:
    assert not result.error, result.trace
    return result.payload


def rows(aws: Aws) -> list[ROW]:
    return aws.rows(TABLE)


def metrics(aws: Aws) -> list[Any]:
    return [call["MetricData"] for call in aws.made(METRIC)]


# What is recorded


def test_a_step_told_directly_is_one_row(aws: Aws, tracker: Function) -> None:
    assert outcome(tracker.invoke(STEP)) == "recorded"
    (row,) = rows(aws)
    assert {name: value for name, value in row.items() if name != "Timestamp"} == {
        "MigrationId": "m",
        "Status": "COPYING",
        "Progress": Decimal(40),
        "Region": "us-east-1",
        "Details": '{"table": "trades"}',
    }


def test_a_step_is_one_metric(aws: Aws, tracker: Function) -> None:
    tracker.invoke(STEP)
    assert [call["Namespace"] for call in aws.made(METRIC)] == ["TradingPlatform/Migration"]
    assert metrics(aws) == [
        [
            {
                "MetricName": "MigrationProgress",
                "Dimensions": [{"Name": "MigrationId", "Value": "m"}, {"Name": "Region", "Value": "us-east-1"}],
                "Unit": "Percent",
                "Value": 40.0,
            }
        ]
    ]


def test_an_event_of_the_progress_rule_is_recorded_at_its_time(aws: Aws, tracker: Function) -> None:
    ((_, rule),) = [
        properties for properties in aws.stack.of_type("AWS::Events::Rule") if properties[0] == "MigrationProgressRule"
    ]
    assert EVENT["source"] in rule["EventPattern"]["source"]
    assert outcome(tracker.invoke(EVENT)) == "recorded"
    assert int(rows(aws)[0]["Timestamp"]) == SIGNED_AT


def test_a_step_told_directly_is_recorded_at_the_time_of_its_trace(aws: Aws, tracker: Function) -> None:
    tracker.invoke(STEP, trace=TRACE)
    assert int(rows(aws)[0]["Timestamp"]) == 0x666D278A


def test_details_may_be_left_out(aws: Aws, tracker: Function) -> None:
    tracker.invoke({name: value for name, value in STEP.items() if name != "details"})
    assert rows(aws)[0]["Details"] == "{}"


@pytest.mark.parametrize("invoke", [STEP, EVENT], ids=["direct", "event"])
def test_the_same_request_again_adds_no_row_and_no_metric(aws: Aws, tracker: Function, invoke: dict[str, Any]) -> None:
    outcomes = [outcome(tracker.invoke(invoke, request="one", trace=TRACE)) for _ in range(3)]
    assert outcomes == ["recorded", "repeated", "repeated"]
    assert (len(rows(aws)), len(metrics(aws))) == (1, 1)


def test_two_requests_that_say_the_same_are_two_rows(aws: Aws, tracker: Function) -> None:
    for request in ("one", "two"):
        tracker.invoke(STEP, request=request, trace=TRACE)
    assert len(rows(aws)) == 2


def test_every_invocation_prints_one_line(aws: Aws, tracker: Function) -> None:  # noqa: ARG001
    tracker.invoke(STEP, request="one")
    assert json.loads(tracker.log[0])["outcome"] == "recorded"
    assert len(tracker.log) == 1


@pytest.mark.parametrize("event", [STEP, EVENT], ids=["direct", "event"])
def test_a_step_that_cannot_be_recorded_is_kept_among_the_dead_letters(
    aws: Aws, tracker: Function, event: dict[str, Any]
) -> None:
    aws.always[PUT] = "ThrottlingException"
    tracker.send(event)
    assert (aws.letters, len(aws.made(PUT))) == ([event], 3)


def test_a_step_that_is_recorded_at_the_second_attempt_is_no_dead_letter(aws: Aws, tracker: Function) -> None:
    aws.faults[PUT].append("ThrottlingException")
    assert outcome(tracker.send(STEP)) == "recorded"
    assert (aws.letters, len(rows(aws))) == ([], 1)


def test_a_step_that_was_recorded_without_an_answer_is_one_row(aws: Aws, tracker: Function) -> None:
    aws.faults[PUT].append("killed")
    assert outcome(tracker.send(STEP)) == "repeated"
    assert (aws.letters, len(rows(aws))) == ([], 1)


PROGRESS: dict[str, tuple[Any, str]] = {
    "zero": (0, "0"),
    "a hundred": (100, "100"),
    "a fraction": (33.3, "33.3"),
    "a small fraction": (1e-05, "0.00001"),
    "text": ("50", "50"),
    "text with a fraction": ("33.30", "33.30"),
    "text with blanks": (" 7 ", "7"),
    "text with an exponent": ("1e1", "10"),
    "minus zero": ("-0", "0"),
    "38 digits": ("0." + "1" * 38, "0." + "1" * 38),
    "a hundred, exactly": ("100.000", "100"),
}
NO_PROGRESS: dict[str, Any] = {
    "negative": -1,
    "barely negative": "-0.0001",
    "over a hundred": 101,
    "barely over": "100.0001",
    "null": None,
    "true": True,
    "false": False,
    "empty": "",
    "a word": "half",
    "percent": "50%",
    "NaN": "NaN",
    "signalling NaN": "sNaN",
    "Infinity": "Infinity",
    "minus Infinity": "-inf",
    "a bare NaN": float("nan"),
    "a bare Infinity": float("inf"),
    "39 digits": "0." + "1" * 39,
    "a list": [50],
    "an object": {"value": 50},
    "huge": "1e999999",
    "hexadecimal": "0x10",
    "two numbers": "1 2",
    "a comma": "33,3",
}


@pytest.mark.parametrize(("progress", "stored"), PROGRESS.values(), ids=PROGRESS)
def test_progress_is_taken_in_every_spelling(aws: Aws, tracker: Function, progress: Any, stored: str) -> None:
    assert outcome(tracker.invoke(STEP | {"progress": progress})) == "recorded"
    assert rows(aws)[0]["Progress"] == Decimal(stored)
    assert not aws.made(PUT)[0]["Item"]["Progress"]["N"].startswith("-")


@pytest.mark.parametrize("progress", NO_PROGRESS.values(), ids=NO_PROGRESS)
def test_what_is_no_progress_is_refused(aws: Aws, tracker: Function, progress: Any) -> None:
    result = tracker.invoke(STEP | {"progress": progress})
    assert result.error == "ValueError"
    assert (rows(aws), metrics(aws)) == ([], [])


@pytest.mark.parametrize("name", ["migrationId", "status"])
@pytest.mark.parametrize("value", [None, "", 5, [], " ", "x ", "x" * 1025, "\u00e9", "a\nb", "\ud800"], ids=ascii)
def test_a_name_that_no_metric_can_carry_is_refused(aws: Aws, tracker: Function, name: str, value: Any) -> None:
    assert tracker.invoke(STEP | {name: value}).error == "ValueError"
    assert (rows(aws), metrics(aws)) == ([], [])


ODD: dict[str, Any] = {
    "nothing": None,
    "a text": "x",
    "a list": [STEP],
    "an empty object": {},
    "an event of another source": EVENT | {"source": "aws.s3"},
    "an event without detail": {name: value for name, value in EVENT.items() if name != "detail"},
    "an event without id": {name: value for name, value in EVENT.items() if name != "id"},
    "an event with a text for detail": EVENT | {"detail": "x"},
    "an event at no time": EVENT | {"time": "soon"},
}


@pytest.mark.parametrize("event", ODD.values(), ids=ODD)
def test_what_is_no_step_is_an_error(aws: Aws, tracker: Function, event: Any) -> None:
    assert tracker.invoke(event).error
    assert rows(aws) == []


@pytest.mark.parametrize("fault", ["ThrottlingException", "AccessDenied", "lost"])
def test_a_failing_metric_leaves_the_row(aws: Aws, tracker: Function, fault: str) -> None:
    aws.always[METRIC] = fault
    assert outcome(tracker.invoke(STEP)).startswith("recorded, no metric")
    assert len(rows(aws)) == 1


@pytest.mark.parametrize("fault", ["ThrottlingException", "ResourceNotFoundException", "lost", "hang"])
def test_a_failing_table_is_an_error_and_no_metric(aws: Aws, tracker: Function, fault: str) -> None:
    aws.always[PUT] = fault
    assert tracker.invoke(STEP).error
    assert metrics(aws) == []


# What CloudFormation is answered


def test_the_custom_resource_of_the_template_is_created(aws: Aws, resource: CustomResource) -> None:
    assert resource.request("Create")["Status"] == "SUCCESS"
    (row,) = rows(aws)
    assert (row["MigrationId"], row["Status"], row["Progress"]) == (MIGRATION, "INITIALIZED", 0)
    assert json.loads(row["Details"]) == {"Region": "us-east-1", "StackName": "trading-platform"}
    assert int(row["Timestamp"]) == SIGNED_AT


def test_its_life_keeps_one_physical_id_and_its_history(aws: Aws, resource: CustomResource) -> None:
    answers = [
        resource.request(kind, Progress=step)
        for step, kind in enumerate(["Create", "Update", "Update", "Update", "Delete"])
    ]
    assert [answer["Status"] for answer in answers] == ["SUCCESS"] * 5
    assert len({answer["PhysicalResourceId"] for answer in answers}) == 1
    assert [row["Progress"] for row in sorted(rows(aws), key=lambda row: row["Progress"])] == [0, 1, 2, 3]


def test_a_failed_update_and_its_rollback_keep_the_physical_id(resource: CustomResource) -> None:
    created = resource.request("Create")["PhysicalResourceId"]
    failed = resource.request("Update", Progress=101, MigrationId="other")
    back = resource.request("Update")
    assert (failed["Status"], back["Status"]) == ("FAILED", "SUCCESS")
    assert created == failed["PhysicalResourceId"] == back["PhysicalResourceId"]


def test_a_failed_creation_is_deleted_by_the_id_that_it_answered(aws: Aws, resource: CustomResource) -> None:
    failed = resource.request("Create", Progress="x")
    assert failed["Status"] == "FAILED"
    assert resource.request("Delete", Progress="x")["PhysicalResourceId"] == failed["PhysicalResourceId"]
    assert rows(aws) == []


def test_a_repeated_request_adds_no_row_and_answers_alike(aws: Aws, resource: CustomResource) -> None:
    event = resource.event("Create")
    assert resource.send(event) == resource.send(event)
    assert len(rows(aws)) == 1


def test_a_request_at_no_known_time_is_one_row_however_often_it_comes(aws: Aws, resource: CustomResource) -> None:
    event = resource.event("Create")
    event["ResponseURL"] = event["ResponseURL"].partition("?")[0]
    for trace in (TRACE, TRACE.replace("666d278a", "666d278b")):
        resource.function.invoke(event, trace=trace)
    assert [int(row["Timestamp"]) for row in rows(aws)] == [0]


def test_the_physical_id_is_the_one_that_was_given(resource: CustomResource) -> None:
    resource.physical = "older"
    assert [resource.request(kind)["PhysicalResourceId"] for kind in ("Update", "Delete")] == ["older", "older"]


def test_the_physical_id_does_not_depend_on_the_request(resource: CustomResource) -> None:
    answers = [resource.send(resource.event("Create", Progress=progress)) for progress in (1, 2, "x")]
    assert len({answer["PhysicalResourceId"] for answer in answers}) == 1


def test_an_answer_has_no_content_type(resource: CustomResource, address: Receiver) -> None:
    resource.request("Create")
    assert [(put.method, put.headers["Content-Type"]) for put in address.puts] == [("PUT", "")]


@pytest.mark.parametrize("kind", ["Frobnicate", "", "create", None, 5, [], {}], ids=str)
def test_an_unknown_request_type_is_answered_failed_at_once(aws: Aws, resource: CustomResource, kind: Any) -> None:
    answer = resource.send(resource.event(kind))
    assert (answer["Status"], "RequestType" in answer["Reason"]) == ("FAILED", True)
    assert aws.clock.now < 8  # one request on a busy machine; unanswered, CloudFormation would wait an hour
    assert rows(aws) == []


BROKEN: dict[str, dict[str, Any]] = {
    "no properties": {"ResourceProperties": None},
    "properties that are a list": {"ResourceProperties": []},
    "a megabyte of text": {"ResourceProperties": {"MigrationId": "x" * 2**20}},
    "a time that is none": {"time": 5},
    "half a letter": {"ResourceProperties": {"MigrationId": "\ud800" * 5000}},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_a_broken_request_is_answered_failed_with_a_reason(resource: CustomResource, changed: dict[str, Any]) -> None:
    answer = resource.send(resource.event("Create") | changed)
    assert (answer["Status"], bool(answer["Reason"])) == ("FAILED", True)


def test_a_failing_table_is_answered_failed_within_4096_bytes(aws: Aws, resource: CustomResource) -> None:
    aws.always[PUT] = "ThrottlingException"
    answer = resource.request("Create")
    assert (answer["Status"], "Throttling" in answer["Reason"]) == ("FAILED", True)
    assert len(resource.address.puts[0].body) <= 4096


def test_a_slow_table_leaves_time_to_answer(aws: Aws, resource: CustomResource) -> None:
    aws.always[PUT] = "lost"
    assert resource.request("Create")["Status"] == "FAILED"
    assert aws.clock.now < resource.function.timeout


def test_a_failing_metric_does_not_fail_the_resource(aws: Aws, resource: CustomResource) -> None:
    aws.always[METRIC] = "lost"
    assert resource.request("Create")["Status"] == "SUCCESS"
    assert aws.clock.now < resource.function.timeout


def test_deletion_succeeds_whatever_fails(aws: Aws, resource: CustomResource) -> None:
    aws.always.update({PUT: "lost", METRIC: "lost"})
    assert resource.request("Delete", Progress="x")["Status"] == "SUCCESS"
    assert aws.calls == []


CONDUCT: dict[str, list[int | str]] = {
    "refuses once": [403],
    "fails thrice": [500, 502, 503],
    "drops the connection": ["drop", "drop"],
    "speaks no HTTP": ["garbage"],
    "is slow once": ["slow"],
    "redirects": [302, 307],
    "not for all of one invocation": [500] * 6,
}


@pytest.mark.parametrize("conduct", CONDUCT.values(), ids=CONDUCT)
def test_an_address_that_fails_for_a_while_gets_one_answer(
    aws: Aws, resource: CustomResource, conduct: list[int | str]
) -> None:
    resource.address.conduct.extend(conduct)
    assert resource.request("Create")["Status"] == "SUCCESS"
    assert len(resource.address.taken()) == 1
    assert len(rows(aws)) == 1


@pytest.mark.parametrize("conduct", [500, 302, "drop", "garbage"])
def test_an_answer_is_tried_again_in_the_same_invocation(resource: CustomResource, conduct: int | str) -> None:
    resource.address.conduct.append(conduct)
    assert outcome(resource.function.invoke(resource.event("Create")))["Status"] == "SUCCESS"


def test_an_address_that_fails_for_ever_is_an_error_that_lambda_tries_again(resource: CustomResource) -> None:
    resource.address.conduct.extend([500] * 100)
    with pytest.raises(TimeoutError):
        resource.request("Create")
    assert len(resource.address.puts) == 12


def test_an_address_that_never_answers_is_left_in_time(aws: Aws, resource: CustomResource) -> None:
    resource.address.conduct.extend(["slow"] * 4)
    result = resource.function.invoke(resource.event("Create"))
    assert result.error in ("TimeoutError", "URLError")
    assert aws.clock.now < resource.function.timeout


def test_an_address_that_is_slow_when_little_time_is_left_is_left_in_time(resource: CustomResource) -> None:
    resource.address.conduct.extend(["slow"] * 4)
    resource.function.timeout, before = 20, resource.function.timeout
    result = resource.function.invoke(resource.event("Create"))
    resource.function.timeout = before
    assert result.error in ("TimeoutError", "URLError")


def test_an_address_where_nobody_listens_is_an_error(resource: CustomResource) -> None:
    resource.address.server_close()
    result = resource.function.invoke(resource.event("Create"))
    assert result.error == "URLError"


@pytest.mark.parametrize("url", [None, 5, [], "", "file:///etc/passwd", "ftp://example.com/"], ids=str)
def test_a_request_without_an_address_is_an_error_and_records_nothing(
    aws: Aws, resource: CustomResource, url: Any
) -> None:
    assert resource.function.invoke(resource.event("Create") | {"ResponseURL": url}).error == "ValueError"
    assert rows(aws) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)
LONG = st.integers(900, 6000).flatmap(
    lambda size: st.sampled_from(["x", "\u00e9", '"', "\U0001f4c8"]).map(lambda c: c * size)
)
NAMES = ["RequestType", "StackId", "RequestId", "LogicalResourceId", "PhysicalResourceId", "ResourceProperties", "time"]
KINDS = st.sampled_from(["Create", "Update", "Delete", "Unknown"])
PROPERTIES = st.dictionaries(st.sampled_from(["MigrationId", "Status", "Progress", "Details", "", "x"]), JSON | LONG)
REQUESTS = st.dictionaries(st.sampled_from(NAMES), JSON | LONG | KINDS | PROPERTIES)


@given(
    changed=REQUESTS,
    extra=st.dictionaries(st.text(max_size=20), JSON, max_size=3),
    left_out=st.sets(st.sampled_from(NAMES)),
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_gets_exactly_one_valid_answer(
    opened: Aws, warm: Function, changed: dict[str, Any], extra: dict[str, Any], left_out: set[str]
) -> None:
    opened.clear()
    with receiver() as address:
        event = CustomResource(warm, address).event("Create")
        event = {name: value for name, value in event.items() if name not in left_out} | extra | changed
        result = warm.invoke(event | {"ResponseURL": address.url})
        assert not result.error, result.trace
        (put,) = address.puts
    answer = json.loads(put.body)
    assert len(put.body) <= 4096
    assert all(isinstance(value, str) for value in answer.values())
    assert {*IDS, "PhysicalResourceId", "Status"} <= set(answer)
    assert answer["Status"] == ("SUCCESS" if event.get("RequestType") == "Delete" or rows(opened) else "FAILED")
    assert ("Reason" in answer) == (answer["Status"] == "FAILED")
    assert answer["PhysicalResourceId"]


@given(event=JSON | st.dictionaries(st.sampled_from([*STEP, "source", "detail", "id", "time"]), JSON))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_other_event_is_recorded_or_an_error(opened: Aws, warm: Function, event: Any) -> None:
    opened.clear()
    result = warm.invoke(event)
    assert bool(result.error) == (rows(opened) == [])
