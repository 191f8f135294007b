"""Inline code imports and assigns nothing that it does not use.

It works all the same, until the unused name was meant to be used. What does not work is the concern of code_sound.
Source: https://github.com/PyCQA/pyflakes
pack: house
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Findings
from stackproof.code.inline import Inline, for_each_python_function
from stackproof.code.pyflakes import complaints

APPLIES_TO = ("AWS::Lambda::Function",)


def check(deployment: Deployment) -> Findings:
    for stack in deployment.stacks:
        yield from for_each_python_function(stack, of_function)


def of_function(function: Inline) -> Iterator[Finding]:
    for complaint in complaints(function.text):
        if complaint.works:
            message = f"in the code of {function.logical}, {complaint.message}"
            yield function.finding(complaint.line, message, "remove what is not used")
