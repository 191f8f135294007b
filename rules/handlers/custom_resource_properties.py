"""The function of a custom resource reads exactly the properties that the custom resource sends.

A property that is read and not sent fails the stack's creation; one that is sent and not read is a setting without
effect, and each change of it an update that changes nothing. CloudFormation sends names as they are written, and every
value as a string: that the code takes them so, the tests of the handlers try.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html
pack: resilience
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.custom_resources import custom_resources, keys_as_written, properties_read, small
from stackproof.code.inline import Inline, for_each_function, inline_functions

APPLIES_TO = ("AWS::CloudFormation::CustomResource", "Custom::")


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    stack = function.stack
    for custom in custom_resources(stack):
        if custom.function != function.logical:
            continue
        known = properties_read(function)
        sent = {small(name): name for name in custom.sent}
        for name, line in known.items():
            if name not in sent:
                yield function.finding(
                    line,
                    f"{function.logical} reads the property {name}, which {custom.logical} does not send",
                    "send it, or do not read it",
                )
        for name in sorted(keys_as_written(function.text, function.handler)):
            if name not in custom.sent and small(name) in sent:
                message = f"{function.logical} reads {name}, which {custom.logical} sends as {sent[small(name)]}"
                yield function.finding(known.get(small(name), 1), message, "write its first letter alike in both")
        for name, written in sent.items():
            if custom.properties[written] == "":
                message = f"{custom.logical} sends {written} empty, which tells {function.logical} nothing"
                yield stack.finding((*custom.path, written), message, "give it a value, or leave it out")
            if name not in known:
                yield stack.finding(
                    (*custom.path, written),
                    f"{custom.logical} sends {written}, which {function.logical} does not read",
                    "remove it, or read it",
                )
