"""A queue keeps its messages for a day at the least, so that whoever reads them may be late.

What is not read in time is gone without a word; SQS keeps messages for four days if nothing is said, 14 at the most.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, number, properties_path

APPLIES_TO = ("AWS::SQS::Queue",)
DEFAULT, LEAST, MOST = 345_600, 86_400, 1_209_600


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::SQS::Queue"):
            kept = number(properties, "MessageRetentionPeriod", DEFAULT)
            if not LEAST <= kept <= MOST:
                message = f"{logical} keeps messages for {kept:g} s, and {LEAST} to {MOST} are wanted"
                path = properties_path(logical, "MessageRetentionPeriod")
                yield stack.finding(path, message, "set MessageRetentionPeriod to a day or more")
