"""MigrationWorkflow, run through every branch in moto's interpreter: what it asks, and what it tells."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from migration_runs import RUNS, TASKS, Aws, definition, events, refused, run_of, shortened, statuses
from runtime import stacks
from state_machine_runs import Answer, execute, parse

from stackproof.code.state_machines import all_states, state_machines

MOST_EVENTS = 25_000
"""A history's limit. Source: Step Functions Developer Guide, "Quotas related to state machine executions"."""


def test_the_grammar_of_the_language_takes_the_definition() -> None:
    parse(definition())


@pytest.mark.parametrize("name", RUNS)
def test_a_run_tells_its_steps(name: str) -> None:
    assert statuses(run_of(name)) == RUNS[name][1]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_ends_ready_or_says_what_is_missing(name: str) -> None:
    run, missing = run_of(name), RUNS[name][2]
    assert (run.status.endswith("ExecutionSucceeded"), missing in run.cause) == (not missing, True)


@pytest.mark.parametrize("name", RUNS)
def test_progress_never_falls_but_at_a_second_pass(name: str) -> None:
    messages = [event["progress"] for event in events(run_of(name))]
    assert messages == sorted(messages)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_that_is_refused_twice_succeeds(task: str) -> None:
    run = refused(task, 2)
    assert (run.status, len(run.retried)) == (refused(task, 0).status, 2)


@pytest.mark.parametrize("task", [task for task in TASKS if task != "TellFailed"])
def test_a_task_that_is_refused_for_good_ends_in_a_report_of_failure(task: str) -> None:
    run = refused(task, 99)
    assert (run.entered[-2:], events(run)[-1]["details"]["error"], run.error) == (
        ["TellFailed", "Failed"], f"{task}Failed", f"{task}Failed"
    )  # fmt: skip


def test_a_run_fails_also_where_its_failure_cannot_be_reported() -> None:
    run = refused("TellFailed", 99)
    assert (run.entered[-2:], run.error) == (["TellFailed", "Failed"], "BackfillFailed")


def test_every_task_of_the_definition_is_refused_here() -> None:
    (machine,) = state_machines(stacks.source())
    assert sorted(TASKS) == sorted(
        all_state.name for all_state in all_states(machine) if all_state.value["Type"] == "Task"
    )


def test_every_state_is_entered() -> None:
    entered = {state for name in RUNS for state in run_of(name).entered}
    assert set(definition()["States"]) - entered == set()


def choices() -> Iterator[tuple[str, str]]:
    for name, state in definition()["States"].items():
        for branch in state.get("Choices", []):
            yield name, branch["Next"]
        if "Default" in state:
            yield name, state["Default"]


@pytest.mark.parametrize(("state", "follows"), sorted(set(choices())))
def test_every_branch_of_a_choice_is_taken(state: str, follows: str) -> None:
    steps = {pair for name in RUNS for pair in zip(run_of(name).entered, run_of(name).entered[1:], strict=False)}
    assert (state, follows) in steps


@pytest.mark.parametrize("state", sorted({name for name, _ in choices()}))
def test_a_choice_of_a_run_has_as_many_conditions_as_runs_make_true(state: str) -> None:
    """A condition that is taken out changes a run: no other one stands for it."""
    for index in range(len(definition()["States"][state]["Choices"])):
        less = json.loads(json.dumps(shortened()))
        del less["States"][state]["Choices"][index]
        changed = 0
        for aws, reported, missing in RUNS.values():
            bounded = json.loads(json.dumps(less))
            bounded["States"]["DescribeJob"]["Assign"]["progress"] = "{% $polls > 12 ? $error('stuck') : $progress %}"
            bounded["States"]["ReadBacklog"]["Assign"]["progress"] = "{% $checks > 6 ? $error('stuck') : $progress %}"
            run = execute(bounded, Aws(**{**vars(aws), "counts": Counter()}), {"id": "e"})
            changed += statuses(run) != reported or missing not in run.cause
            if changed:
                break
        assert changed, f"the condition {index} of {state} makes no difference"


def test_a_repeated_event_asks_for_the_same_job() -> None:
    first, again = (execute(definition(), Aws(), {"id": "event-1"}, name) for name in ("a", "b"))
    assert first.of("s3control.CreateJob") == again.of("s3control.CreateJob")


def test_a_second_start_by_hand_asks_for_a_job_of_its_own() -> None:
    tokens = {
        execute(definition(), Aws(), {}, name).of("s3control.CreateJob")[0]["ClientRequestToken"] for name in "ab"
    }
    assert [len(token) for token in tokens] == [64, 64]


def test_each_pass_asks_for_a_job_of_its_own() -> None:
    jobs = run_of("objects that fail each time").of("s3control.CreateJob")
    assert len({job["ClientRequestToken"] for job in jobs}) == 3


def test_a_retried_request_asks_for_the_same_job() -> None:
    jobs = refused("CreateBackfillJob", 2).of("s3control.CreateJob")
    assert [len(jobs), len({job["ClientRequestToken"] for job in jobs})] == [3, 1]


def test_only_what_is_not_replicated_yet_is_copied() -> None:
    (asked,) = run_of("copied and in step").of("s3control.CreateJob")
    assert asked["ManifestGenerator"]["S3JobManifestGenerator"]["Filter"] == {
        "EligibleForReplication": True, "ObjectReplicationStatuses": ["NONE", "FAILED"]
    }  # fmt: skip


def test_a_function_that_raises_is_no_backlog_of_zero() -> None:
    aws = Aws()

    def service(name: str, parameters: dict[str, Any]) -> Answer:
        raised = {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorType": "KeyError"}')}
        return raised if name == "lambda.Invoke" else aws(name, parameters)

    assert execute(definition(), service).error == "ReadBacklogFailed"


def test_polls_and_checks_are_bounded() -> None:
    slow, stuck = run_of("a job without end"), run_of("a backlog that stays")
    assert (len(slow.of("s3control.DescribeJob")), len(stuck.of("lambda.Invoke"))) == (10, 4)


def test_the_longest_run_fits_into_a_history_and_into_its_own_timeout() -> None:
    """A run of 2,000 polls in three passes and 24 checks, worked out from those of 10 and 4."""
    slow, stuck, passes = (run_of(name) for name in (
        "a job without end", "a backlog that stays", "objects that fail each time"))  # fmt: skip
    longest = slow.history * 200 + stuck.history * 6 + passes.history
    seconds = sum(slow.waited) * 200 + sum(stuck.waited) * 6 + sum(passes.waited)
    assert (longest < MOST_EVENTS, seconds < definition()["TimeoutSeconds"]) == (True, True)


def test_little_is_passed_from_state_to_state() -> None:
    states = definition()["States"].values()
    assert all(state.get("Output") == {} for state in states if state["Type"] in ("Task", "Pass"))
