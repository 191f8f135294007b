"""A topic that is told that an alarm goes off is told that it is over.

Without OKActions the last word is that something fails: somebody gets up for what is over already, and nobody knows
when an outage ended.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, as_list, properties_path

APPLIES_TO = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            ended = as_list(properties.get("OKActions", []))
            for to in as_list(properties.get("AlarmActions", [])):
                if ":sns:" in str(to) and to not in ended:
                    message = f"{logical} tells {to} that it goes off, and not that it is over"
                    path = properties_path(logical, *(("OKActions",) if ended else ()))
                    yield stack.finding(path, message, "add the topic to OKActions")
