"""What AWS WAF writes its logs to has a name that begins with aws-waf-logs-.

A log group, a bucket or a delivery stream of another name is refused with a message about its ARN, which looks right.
Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-s3.html
Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-kinesis.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, as_list, properties_path
from stackproof.topology.resource_index import resource_of

APPLIES_TO = ("Resources",)
BEGINNING = "aws-waf-logs-"
NAMED = re.compile(r"arn:[\w-]+:(?:logs:.*:log-group:|s3:::|firehose:.*:deliverystream/)(?P<name>.*)")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::WAFv2::LoggingConfiguration"):
            for index, to in enumerate(map(str, as_list(properties.get("LogDestinationConfigs", [])))):
                found = NAMED.fullmatch(to)
                if found and not found["name"].startswith(BEGINNING) and not of_another_stack(found["name"]):
                    target = resource_of(stack, to)
                    message = f"{logical} writes to {target or to}, whose name does not begin with {BEGINNING}"
                    path = properties_path(logical, "LogDestinationConfigs", index)
                    yield stack.finding(path, message, f"name it {BEGINNING} and something more")


def of_another_stack(name: str) -> bool:
    """Tell whether a name is not known from here: an import, or what a store holds."""
    return "{{Fn::" in name or "{{resolve" in name
