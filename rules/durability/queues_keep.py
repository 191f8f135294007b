"""A queue keeps its messages for a day at the least, so that whoever reads them may be late.

What is not read in time is gone without a word; SQS keeps messages for four days if nothing is said, 14 at the most.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
pack: resilience
setting: seconds: how long a queue keeps its messages at the least
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackproof.api import Deployment, Finding, number, properties_path

APPLIES_TO = ("AWS::SQS::Queue",)
DEFAULT, MOST = 345_600, 1_209_600


class Settings(NamedTuple):
    seconds: int = 86_400


def check(deployment: Deployment, settings: Settings) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::SQS::Queue"):
            kept = number(properties, "MessageRetentionPeriod", DEFAULT)
            if not settings.seconds <= kept <= MOST:
                message = f"{logical} keeps messages for {kept:g} s, and {settings.seconds} to {MOST} are wanted"
                path = properties_path(logical, "MessageRetentionPeriod")
                yield stack.finding(path, message, f"set MessageRetentionPeriod to {settings.seconds} or more")
