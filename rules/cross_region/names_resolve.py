"""Every name made from what all stacks of an environment are given is of something that one of the two stacks creates.

A resource that only one region has is known to the other by its name alone, put together from a parameter; so are the
things that dashboards, event patterns and settings of functions name. No Ref ties such a text to the resource: when one
is renamed, the other goes on naming what is not there.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, created_names, declarations
from stackproof.aws.references import FORMATS, naming_properties
from stackproof.topology.identity import ARN, texts, texts_of

APPLIES_TO = ("Parameters",)


def check(deployment: Deployment) -> Iterator[Finding]:
    known = {text for stack in deployment.stacks for text in (*created_names(stack), *stated(stack))}
    for stack in deployment.stacks:
        given = [value for value in needed(stack) if value]
        there = deployment.other(stack).scenario.region
        for path, text in texts_of(stack):
            if text not in known and any(value in text for value in given):
                for word in words(text, given):
                    # A word that holds the other side's region is the concern of references_resolve.
                    if word not in known and there not in word:
                        message = f"{word!r} names something that neither stack creates"
                        yield stack.finding(path, message, "write the name as the stack that creates it does")


def needed(stack: Stack) -> Iterator[str]:
    """Give the values of the parameters without a default: what tells one environment from another."""
    for name, one in declarations(stack.template).items():
        value = stack.evaluator.scope.parameters[name]
        if one.default is None and isinstance(value, str):
            yield value


def stated(stack: Stack) -> Iterator[str]:
    """Give the names and ids that resources without a known format state of themselves."""
    for resource in stack.resources.values():
        known = FORMATS.get(resource["Type"])
        if not (known and known.name):
            for path, text in texts(resource.get("Properties", {})):
                key = str(path[-1])
                if key.endswith(("Name", "Id")) and key not in naming_properties():
                    yield text


def words(text: str, given: list[str]) -> Iterator[str]:
    """Give the names in a text that hold a given value, after a hyphen, dot, underscore or slash."""
    for word in re.findall(r"[\w./{}@-]+", ARN.sub(" ", text)):
        for value in given:
            # What begins with a short value, as device does with dev, need not be made from it.
            end = r"($|[-_./])" if len(value) < 6 else ""
            if word != value and re.search(rf"(^|[-_./]){re.escape(value)}{end}", word):
                yield word
