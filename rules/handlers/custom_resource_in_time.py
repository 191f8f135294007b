"""The function of a custom resource has to give up before CloudFormation does.

CloudFormation waits for an answer as long as ServiceTimeout says, an hour if it does not. A function that may run
longer can still be answering when nobody listens; one that is shorter has time to be called again.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, number
from stackproof.code.custom_resources import custom_resources

APPLIES_TO = ("AWS::CloudFormation::CustomResource", "Custom::")
DEFAULT_TIMEOUT = 3
DEFAULT_SERVICE_TIMEOUT = 3600


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for custom in custom_resources(stack):
            waits = number(custom.properties, "ServiceTimeout", DEFAULT_SERVICE_TIMEOUT)
            runs = number(stack.resources[custom.function].get("Properties", {}), "Timeout", DEFAULT_TIMEOUT)
            if runs >= waits:
                yield stack.finding(
                    (*custom.path, "ServiceTimeout"),
                    f"{custom.logical} waits {waits:g} s for {custom.function}, which may run {runs:g} s",
                    "let the function time out first",
                )
            if "ServiceTimeout" not in custom.properties:
                yield stack.finding(
                    custom.path, f"{custom.logical} waits an hour when nobody answers", "state a ServiceTimeout"
                )
