"""Inline code makes its clients for regions, and not for other texts.

boto3 makes the name of an endpoint of whatever text it is given as a region: a variable that holds another value than a
region fails when the first call looks for a host that nobody has, in production and not when the stack is created.
Source: https://docs.aws.amazon.com/boto3/latest/reference/core/session.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import CannotTell, Deployment, Finding, Findings, holds_unknown
from stackproof.code.boto3_calls import read
from stackproof.code.inline import Inline, for_each_python_function
from stackproof.code.resolution import Resolver
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::Lambda::Function",)
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}|aws-global")
"""What a region looks like: new ones are there before a list has them."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_python_function(stack, of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    reading = read(function.text, function.handler)
    met: set[str] = set()
    for call in reading.calls:
        try:
            regions = Resolver(function, call.code).texts(call.client.region, call.line, "the client's region")
        except CannotTell:  # permissions_exact says so
            continue
        for region in regions if call.client.region else ():
            if region not in met and not (holds_unknown(region) or of_functions(region) or REGION.fullmatch(region)):
                met.add(region)
                message = (
                    f"{function.logical} makes a client of {call.client.service} for {region!r}, which is no region"
                )
                yield function.finding(call.line, message, "give it the name of a region")
