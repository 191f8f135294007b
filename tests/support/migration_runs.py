"""What services answer a run of MigrationWorkflow, the runs through all its branches, and what each of them tells."""

import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from runtime import stacks
from state_machine_runs import Answer, Error, Run, execute

from stackproof.code.state_machines import state_machines

NOW, LONG_AGO = "2999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
NO_KEYS = {"FailureCode": "ManifestGenerationFailed",
           "FailureReason": "Manifest generation found no keys matching the filter criteria."}  # fmt: skip
TASKS = {
    "TellStarted": "STARTED",
    "CreateBackfillJob": "s3control.CreateJob",
    "TellBackfilling": "BACKFILLING",
    "DescribeJob": "s3control.DescribeJob",
    "TellVerifying": "VERIFYING",
    "ReadMetrics": "cloudwatch.GetMetricData",
    "ReadBacklog": "lambda.Invoke",
    "TellReady": "READY",
    "TellNotReady": "NOT_READY",
    "TellFailed": "FAILED",
}
"""The tasks, and what makes each known: its operation, or the status of the event that it puts."""
REPORTED = {status for status in TASKS.values() if "." not in status}
NEVER_READY = {"latency": (None,)}


def job(status: str, copied: int = 0, failed: int = 0, *reasons: Mapping[str, str]) -> dict[str, Any]:
    summary = {"TotalNumberOfTasks": copied + failed, "NumberOfTasksSucceeded": copied, "NumberOfTasksFailed": failed}
    return {"Status": status, "ProgressSummary": summary, "FailureReasons": list(reasons)}


@dataclass
class Aws:
    """What the services answer: jobs in the order of their polls, metrics in that of their checks, the last for good.

    A metric is a value, None for no data; `refuses` maps what TASKS names to how often it is refused.
    """

    jobs: tuple[Mapping[str, Any], ...] = (job("Complete", 3),)
    failures: tuple[float | None, ...] = (None,)
    latency: tuple[float | None, ...] = (900.0,)
    age: tuple[float | None, ...] = (0.0,)
    backlog: tuple[tuple[int, int], ...] = ((0, 0),)
    refuses: Mapping[str, int] = field(default_factory=dict)
    seen_at: str = NOW
    counts: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str, parameters: dict[str, Any]) -> Answer:
        if name == "events.PutEvents":
            name = json.loads(parameters["Entries"][0]["Detail"])["status"]
        turn = self.counts[name]
        self.counts[name] += 1
        if turn < self.refuses.get(name, 0):
            lost: Answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
            return lost if name in REPORTED else Error("InternalServiceException", "try later", 500)
        if name == "s3control.CreateJob":
            return {"JobId": f"job-{parameters['ClientRequestToken'][:8]}"}
        if name == "s3control.DescribeJob":
            return {"Job": self.jobs[min(turn, len(self.jobs) - 1)]}
        if name == "cloudwatch.GetMetricData":
            return {"MetricDataResults": [self.metric(query["Id"], turn) for query in parameters["MetricDataQueries"]]}
        if name == "lambda.Invoke":
            operations, size = self.backlog[min(turn, len(self.backlog) - 1)]
            payload = json.dumps({"operations": operations, "bytes": size}).encode()
            return {"StatusCode": 200, "Payload": io.BytesIO(payload)}
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}

    def metric(self, name: str, turn: int) -> dict[str, Any]:
        values = getattr(self, name)
        value = values[min(turn, len(values) - 1)]
        return {
            "Id": name,
            "Timestamps": [] if value is None else [self.seen_at],
            "Values": [value][: value is not None],
        }


@cache
def definition() -> Mapping[str, Any]:
    (machine,) = state_machines(stacks.source())
    return machine.definition


def shortened() -> Mapping[str, Any]:
    """Return the definition with 10 polls instead of 2,000 and 4 checks instead of 24, to be quick."""
    text = json.dumps(definition()).replace("$polls >= 2000", "$polls >= 10").replace("$checks >= 24", "$checks >= 4")
    return json.loads(text)  # type: ignore[no-any-return]


def events(run: Run) -> list[dict[str, Any]]:
    entries = [entry for call in run.of("events.PutEvents") for entry in call["Entries"]]
    assert {entry["Source"] for entry in entries} == {"trading-platform.migration"}
    return [json.loads(entry["Detail"]) for entry in entries]


def statuses(run: Run) -> list[str]:
    return [event["status"] for event in events(run)]


RUNS: dict[str, tuple[Aws, list[str], str]] = {
    "copied and in step": (Aws(), ["STARTED", "BACKFILLING", "VERIFYING", "READY"], ""),
    "nothing to copy": (
        Aws(jobs=(job("Failed", 0, 0, NO_KEYS),)),
        ["STARTED", "BACKFILLING", "VERIFYING", "READY"], "",
    ),
    "a job that takes its time": (
        Aws(jobs=({"Status": "New"}, {"Status": "Preparing"}, job("Active", 1), job("Complete", 9))),
        ["STARTED", "BACKFILLING", "VERIFYING", "READY"], "",
    ),
    "objects that fail, then do not": (
        Aws(jobs=(job("Complete", 2, 1), job("Complete", 1))),
        ["STARTED", "BACKFILLING", "BACKFILLING", "VERIFYING", "READY"], "",
    ),
    "objects that fail each time": (
        Aws(jobs=(job("Complete", 2, 1),)),
        ["STARTED", *["BACKFILLING"] * 3, "FAILED"], "ended Complete, 1 objects not copied",
    ),
    "a job that fails": (
        Aws(jobs=(job("Failed", 0, 0, {"FailureCode": "AccessDenied", "FailureReason": "no report"}),)),
        ["STARTED", "BACKFILLING", "FAILED"], "ended Failed, 0 objects not copied. AccessDenied: no report",
    ),
    "a job that is cancelled": (
        Aws(jobs=(job("Cancelled"),)), ["STARTED", "BACKFILLING", "FAILED"], "ended Cancelled",
    ),
    "a job without end": (
        Aws(jobs=(job("Active"),)), ["STARTED", "BACKFILLING", "FAILED"], "is Active after 10 polls",
    ),
    "a backlog that shrinks": (
        Aws(backlog=((5, 700), (0, 90), (0, 0))), ["STARTED", "BACKFILLING", "VERIFYING", "READY"], "",
    ),
    "a backlog that stays": (
        Aws(backlog=((5, 700),)),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"], "5 operations, 700 bytes wait for replication",
    ),
    "no data of the backlog": (
        Aws(backlog=((-1, -1),)),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"], "the replication backlog is unknown: no data",
    ),
    "replications that failed": (
        Aws(failures=(2.0,)),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"], "2 replications failed since the backfill: start again",
    ),
    "a table far behind": (
        Aws(latency=(90_000.0,)),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"], "the table is 90000 ms behind in eu-central-1",
    ),
    "a stream read late": (
        Aws(age=(3_600_000.0,)),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"], "the stream is read 3600000 ms late",
    ),
    "no data of table and stream": (
        Aws(latency=(None,), age=(None,)),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"],
        "the replication latency of the table is unknown: no data; the iterator age of the stream is unknown: no data",
    ),
    "data that is old": (
        Aws(seen_at=LONG_AGO),
        ["STARTED", "BACKFILLING", "VERIFYING", "NOT_READY"],
        "the replication latency of the table is unknown: no data; the iterator age of the stream is unknown: no data",
    ),
}  # fmt: skip


@cache
def run_of(name: str) -> Run:
    return execute(shortened(), RUNS[name][0], {"id": "event-1"})


@cache
def refused(task: str, times: int) -> Run:
    """Return a run whose task is refused so often, each other call answered; TellFailed needs a run that fails."""
    failing = {"TellFailed": {"jobs": (job("Cancelled"),)}, "TellNotReady": NEVER_READY}
    aws = Aws(refuses={TASKS[task]: times}, **failing.get(task, {}))  # type: ignore[arg-type]
    return execute(shortened(), aws, {"id": "event-1"})
