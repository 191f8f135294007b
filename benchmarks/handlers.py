"""What AnalyticsFunction makes of a stream, beside a loop of put_item: `python benchmarks/handlers.py`.

Needs the `test` extra. moto in this process stands for DynamoDB: the figures compare the two, they say nothing of AWS.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))

from runtime import stacks
from runtime.aws import Aws, account
from runtime.function import Function
from runtime.trades import batch, trade

BATCHES, SIZE = 10, 100


def plain(aws: Aws, table: str) -> Callable[[dict[str, Any]], None]:
    """Return what one would write first: a record at a time."""

    def handler(event: dict[str, Any]) -> None:
        for record in event["Records"]:
            made = json.loads(base64.b64decode(record["kinesis"]["data"]), parse_float=Decimal)
            item = {
                "TradeId": {"S": made["tradeId"]},
                "Timestamp": {"N": str(made["timestamp"])},
                "Symbol": {"S": made["symbol"]},
                "Price": {"N": str(made["price"])},
                "Volume": {"N": str(made["volume"])},
                "Region": {"S": aws.region},
            }
            aws.dynamodb.put_item(TableName=table, Item=item)

    return handler


def rate(aws: Aws, table: str, handler: Callable[[dict[str, Any]], Any]) -> float:
    """Return records a second, of the best of three runs."""
    events = [batch(*[trade(number * SIZE + at) for at in range(SIZE)]) for number in range(BATCHES)]
    handler(events[0])
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        for event in events:
            handler(event)
        times.append(time.perf_counter() - begun)
    assert len(aws.rows(table)) == BATCHES * SIZE
    return BATCHES * SIZE / min(times)


def main() -> None:
    stack = stacks.source()
    with account(stack) as aws:
        ((_, properties),) = stack.of_type("AWS::DynamoDB::GlobalTable")
        table = properties["TableName"]
        function = Function(aws, "AnalyticsFunction")
        fast = rate(aws, table, function.invoke)
        calls = len(aws.made("BatchWriteItem")) / (3 * BATCHES + 1)
        aws.clear()
        slow = rate(aws, table, plain(aws, table))
    print(f"AnalyticsFunction: {fast:,.0f} records/s, {calls:g} calls for {SIZE} records")
    print(f"loop of put_item:  {slow:,.0f} records/s, {SIZE} calls for {SIZE} records")


if __name__ == "__main__":
    main()
