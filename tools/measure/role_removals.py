"""What breaks without one action, or one resource, of a function's role: `python tools/measure/role_removals.py`.

The work of a day is done under the changed role, as Lambda, Kinesis, S3, CloudWatch and the code itself do it under
theirs; what then is not as it should be is named. Ends 1 if a removal goes unnoticed, or the roles as they are break.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2] / "tests/support"))

from runtime import stacks
from runtime.aws import Aws, account
from runtime.custom import CustomResource, receiver
from runtime.function import Function
from runtime.mapping import Mapping as SourceMapping
from runtime.trades import trade

from stackproof.foundation.values import as_list
from stackproof.iam.simulation import Policy, policies

Statement = Mapping[str, Any]


class Removal(NamedTuple):
    """A role without one action or resource of one statement; `what` says which, None for the role as it is."""

    role: str
    what: str
    policies: tuple[Policy, ...]

    def __str__(self) -> str:
        return f"{self.role}: {self.what}"


def removals(aws: Aws, role: str) -> Iterator[Removal]:
    """Give a role without each of its actions and each of its resources, one at a time."""
    of_role = policies(aws.stack)[role]
    for at, policy in enumerate(of_role):
        for index, statement in enumerate(policy.statements):
            for element in ("Action", "Resource"):
                for value in as_list(statement[element]):
                    left = _without(statement, element, value)
                    statements = [*policy.statements[:index], *left, *policy.statements[index + 1 :]]
                    changed = Policy(tuple(statements), policy.version)
                    what = value if element == "Action" else f"{value} of {', '.join(as_list(statement['Action']))}"
                    yield Removal(role, what, (*of_role[:at], changed, *of_role[at + 1 :]))


def _without(statement: Statement, element: str, value: str) -> list[Statement]:
    left = [other for other in as_list(statement[element]) if other != value]
    return [{**copy.deepcopy(dict(statement)), element: left}] if left else []


def analytics_day(aws: Aws, changed: tuple[Policy, ...] | None) -> Iterator[str]:
    """Create AnalyticsFunction, give it good and bad records, delete it; name what is not as it should be."""
    function = Function(aws, "AnalyticsFunction", changed)
    if not function.create():
        yield "it cannot be attached to its subnets"
    mapping = SourceMapping(function, pause=86_400)
    if not mapping.enable():
        yield "the mapping cannot find the shards"
    for data in (trade(1), b"{", trade(2)):
        mapping.stream.put(data)
    mapping.drain()
    ((_, table),) = aws.tables.of_type("AWS::DynamoDB::GlobalTable")
    if [row["TradeId"] for row in aws.rows(table["TableName"])] != ["t1", "t2"]:
        yield "good records are not in the table"
    if [content["record"]["kinesis"]["data"] for _, content in aws.parked()] != ["ew=="]:
        yield "the bad record is not parked"
    aws.always["BatchWriteItem"] = "ThrottlingException"
    mapping.stream.put(trade(3))
    mapping.drain()
    if mapping.kept() != [trade(3)]:
        yield "what was given up is not in the bucket"
    if not function.log:
        yield "nothing is in the log"
    if not function.delete():
        yield "its network interfaces stay behind"


def tracker_day(aws: Aws, changed: tuple[Policy, ...] | None) -> Iterator[str]:
    """Create the custom resource, report a step; name what is not as it should be."""
    function = Function(aws, "MigrationTrackerFunction", changed)
    with receiver() as address:
        if CustomResource(function, address).request("Create")["Status"] != "SUCCESS":
            yield "the custom resource fails"
    step = function.invoke({"migrationId": "m", "status": "COPYING", "progress": 1})
    if step.error:
        yield "a step is not recorded"
    aws.always["PutItem"] = "ThrottlingException"
    function.send({"migrationId": "m", "status": "COPYING", "progress": 2})
    if len(aws.letters) != 1:
        yield "what failed for ever is not among the dead letters"
    ((_, table),) = aws.stack.of_type("AWS::DynamoDB::Table")
    if len(aws.rows(table["TableName"])) != 2:
        yield "rows are missing"
    if len(aws.cloudwatch.list_metrics(Namespace="TradingPlatform/Migration")["Metrics"]) != 2:
        yield "metrics are missing"
    lines = [json.loads(line) for line in function.log]
    if len(lines) != 2:
        yield "lines are missing in the log"


DAYS: Mapping[str, Callable[[Aws, tuple[Policy, ...] | None], Iterator[str]]] = {
    "LambdaExecutionRole": analytics_day,
    "MigrationTrackerRole": tracker_day,
}


def broken(aws: Aws, role: str, changed: tuple[Policy, ...] | None = None) -> list[str]:
    """Return what is not as it should be after a day under a role, the template's own if none is given."""
    aws.clear()
    return list(DAYS[role](aws, changed))


def main() -> int:
    unnoticed = 0
    for side, stack in (("source", stacks.source()), ("target", stacks.target())):
        with account(stack, stacks.source()) as aws:
            for role in DAYS:
                whole = broken(aws, role)
                print(f"{side} {role} as it is: {', '.join(whole) or 'all is as it should be'}")
                unnoticed += bool(whole)
                for removal in removals(aws, role):
                    found = broken(aws, role, removal.policies)
                    print(f"{side} {role} without {removal.what}: {', '.join(found) or 'NOT NOTICED'}")
                    unnoticed += not found
    print(f"{unnoticed} unnoticed")
    return min(unnoticed, 1)


if __name__ == "__main__":
    sys.exit(main())
