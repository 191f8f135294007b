"""What an alarm does is named by an ARN, or is a resource whose Ref is one.

PutMetricAlarm takes ARNs alone: of topics, functions, scaling policies, EC2 actions, incidents. A Ref that gives the
name or the id of something else fails when the alarm is created.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, as_list, properties_path

APPLIES_TO = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
KINDS = ("AlarmActions", "OKActions", "InsufficientDataActions")
OF_RESOURCE = re.compile(r"\{\{([A-Za-z0-9]+)@[a-z0-9-]+\}\}")
REF_IS_ARN = re.compile(
    "AWS::(ApplicationAutoScaling::ScalingPolicy|AutoScaling::ScalingPolicy|CloudFormation::CustomResource|"
    "SSMContacts::.*|SSMIncidents::ResponsePlan|SSM::OpsItem.*)|Custom::.*"
)
"""Types whose Ref, which only AWS knows, is an ARN that an alarm takes, or may be one."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type(*APPLIES_TO):
            for kind in KINDS:
                for index, to in enumerate(as_list(properties.get(kind, []))):
                    found = OF_RESOURCE.fullmatch(str(to))
                    named = stack.resources.get(found[1]) if found else None
                    of_other = named is not None and not REF_IS_ARN.fullmatch(str(named["Type"]))
                    if of_other or not str(to).startswith(("arn:", "{{")):
                        what = f"the Ref of {found[1]}" if found else repr(to)
                        message = f"{kind} of {logical} has {what}, which is no ARN"
                        path = properties_path(logical, kind, index)
                        yield stack.finding(path, message, "name the ARN of a topic, a function or another action")
