"""What the emulator's Step Functions answers for services that it lacks: S3 Batch Operations, metrics of services.

The form is that of Step Functions Local: an execution started as `<state machine's ARN>#<case>` takes these answers; a
state that no case names calls the emulator's own service.
Source: Step Functions Developer Guide, "Testing state machines with Step Functions Local", mocked service integrations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOW = "2999-01-01T00:00:00Z"


def always(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {"0-99": {"Return": result}}


def metric(name: str, *values: float) -> dict[str, Any]:
    return {"Id": name, "Values": list(values), "Timestamps": [NOW for _ in values]}


def job(status: str, copied: int, failed: int) -> dict[str, Any]:
    summary = {"NumberOfTasksSucceeded": copied, "NumberOfTasksFailed": failed}
    return {"Job": {"Status": status, "ProgressSummary": summary, "FailureReasons": []}}


def configuration(machine: str) -> dict[str, Any]:
    """Return the mocks of a state machine, by its name."""
    copies = {"CreateBackfillJob": "Created", "ReadMetrics": "InStep"}
    return {
        "StateMachines": {
            machine: {"TestCases": {"copies": {**copies, "DescribeJob": "Copied"},
                                    "fails": {**copies, "DescribeJob": "Cancelled"}}}
        },
        "MockedResponses": {
            "Created": always({"JobId": "0a1b2c3d-job"}),
            "Copied": always(job("Complete", 7, 0)),
            "Cancelled": always(job("Cancelled", 0, 0)),
            "InStep": always({"MetricDataResults": [metric("failures"), metric("latency", 800), metric("age", 0)]}),
        },
    }  # fmt: skip
