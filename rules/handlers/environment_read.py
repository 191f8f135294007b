"""Inline code reads exactly the environment variables that its function sets.

A variable that is read and not set fails the first time; one that is set and not read is a setting without effect.
Lambda sets some of its own, which may be read and not be set.
Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
pack: resilience
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import CannotTell, Deployment, Finding, Findings
from stackproof.code.boto3_calls import read
from stackproof.code.inline import Inline, for_each_function, inline_functions

APPLIES_TO = ("AWS::Lambda::Function",)
OF_LAMBDA = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_\w+|ACCESS_KEY|ACCESS_KEY_ID"
    r"|SECRET_ACCESS_KEY|SESSION_TOKEN|XRAY_\w+)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|LANG|PATH|LD_LIBRARY_PATH|PYTHONPATH|TZ"
)
TO_LIBRARIES = re.compile(r"AWS_\w+|PYTHON\w+|TZ|LANG")
"""Variables that the runtime and boto3 read themselves."""


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    function.tree()
    reading = read(function.text, function.handler)
    for doubt, line in reading.doubts:
        if "os.environ" in doubt:
            raise CannotTell(f"in the code of {function.logical}, {doubt}", function.place(line), "read by name")
    known = set()
    for variable, line in reading.variables:
        known.add(variable.name)
        optional = variable.default is not None or OF_LAMBDA.fullmatch(variable.name)
        if variable.name not in function.environment and not optional:
            yield function.finding(
                line, f"{function.logical} reads {variable.name}, which its environment does not set", "set it"
            )
    for name in function.environment:
        if name not in known and not TO_LIBRARIES.fullmatch(name):
            yield function.stack.finding(
                ("Resources", function.logical, "Properties", "Environment", "Variables", name),
                f"{function.logical} sets {name}, which its code does not read",
                "remove it, or read it",
            )
