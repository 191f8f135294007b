"""A queue keeps its messages for a day at the least, so that whoever reads them may be late.

What is not read in time is gone without a word; SQS keeps messages for four days if nothing is said, 14 at the most.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
pack: resilience
setting: seconds: how long a queue keeps its messages at the least
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from stackproof.api import Deployment, Finding, Findings, Stack, for_each, number, properties_path

APPLIES_TO = ("AWS::SQS::Queue",)
DEFAULT, MOST = 345_600, 1_209_600


class Settings(NamedTuple):
    seconds: int = 86_400


def check(deployment: Deployment, settings: Settings) -> Findings:
    for stack in deployment.stacks:
        yield from for_each(stack.of_type("AWS::SQS::Queue"), partial(of_queue, stack, settings.seconds))


def of_queue(stack: Stack, least: int, queue: tuple[str, Mapping[str, Any]]) -> Iterator[Finding]:
    logical, properties = queue
    retention = number(properties, "MessageRetentionPeriod", DEFAULT)
    if retention < least or retention > MOST:
        message = f"{logical} keeps messages for {retention:g} s, and {least} to {MOST} are wanted"
        path = properties_path(logical, "MessageRetentionPeriod")
        yield stack.finding(path, message, f"set MessageRetentionPeriod to {least} or more")
