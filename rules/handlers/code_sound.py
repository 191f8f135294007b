"""Inline code compiles, and uses no name that it does not define.

No tool that reads templates reads the code in them: a misspelt name is found by the first event that comes by it.
What is only untidy (an import or a variable that nothing uses) is the concern of code_tidy.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
Source: https://github.com/PyCQA/pyflakes
pack: core
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.inline import Inline, for_each_function, inline_functions
from stackproof.code.pyflakes import complaints

APPLIES_TO = ("AWS::Lambda::Function",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_function(inline_functions(stack), of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    if not function.runtime.startswith("python"):
        function.tree()
    try:
        found = complaints(function.text)
    except SyntaxError as error:
        message = f"the code of {function.logical} does not compile: {error.msg}"
        yield function.finding(error.lineno or 1, message, "correct this line")
    else:
        for complaint in found:
            if not complaint.works:
                message = f"in the code of {function.logical}, {complaint.message}"
                yield function.finding(complaint.line, message, "define the name, or correct the line")
