"""No two alarms of a stack are the same but for their names.

Alarms that watch the same metric by the same bound go off together: one is a copy in which the dimension, the metric or
the bound was to be changed and was not, so what it was made for is not watched. Two bounds of a metric are two alarms.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
pack: resilience
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
NAMES = ("AlarmName", "AlarmDescription", "Tags")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        met: dict[str, str] = {}
        for logical, properties in stack.of_type("AWS::CloudWatch::Alarm"):
            first = met.setdefault(body(properties), logical)
            if first != logical:
                message = f"{logical} watches the same as {first}, by the same bound"
                yield stack.finding(("Resources", logical), message, "name what it is to watch, or remove it")


def body(alarm: Mapping[str, Any]) -> str:
    """Return an alarm without its names, as a text in which the order of dimensions does not count."""
    kept = {key: value for key, value in alarm.items() if key not in NAMES}
    if isinstance(kept.get("Dimensions"), list):
        kept["Dimensions"] = sorted(json.dumps(dimension, sort_keys=True) for dimension in kept["Dimensions"])
    return json.dumps(kept, sort_keys=True)
