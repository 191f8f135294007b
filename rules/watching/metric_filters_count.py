"""Every metric filter counts something, from lines of a log group that there is, in a form that CloudWatch takes.

A filter with the value 0 leaves its metric at nothing, whatever is logged, and the alarm on it sleeps. A filter of a
group that is not there is refused; so is one with dimensions and a default value, or with dimensions or a value taken
from fields of lines that its pattern does not read as such, and one whose pattern has a bracket or a quotation mark
that is not closed.
Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
pack: resilience
severity: error
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.api import Deployment, Finding, Path, Stack, as_list, as_mapping, properties_path, resource_of
from stackproof.topology.elsewhere import others_create
from stackproof.topology.texts import of_functions

APPLIES_TO = ("Resources",)
OF_LAMBDA = "/aws/lambda/"
QUOTED = re.compile(r'"(\\.|[^"\\])*"|%[^%]*%')
"""What a pattern compares with: a text, or a regular expression."""
Fault = tuple[Path, str, str]


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::Logs::MetricFilter"):
            faults = (*of_group(deployment, stack, properties), *of_pattern(properties), *of_values(properties))
            for path, message, fix in faults:
                yield stack.finding(properties_path(logical, *path), f"{logical} {message}", fix)


def of_group(deployment: Deployment, stack: Stack, properties: Mapping[str, Any]) -> Iterator[Fault]:
    name = str(properties.get("LogGroupName"))
    if name.startswith(OF_LAMBDA) and resource_of(stack, name.removeprefix(OF_LAMBDA), "AWS::Lambda::Function"):
        return  # Lambda makes it at the first call
    other = resource_of(stack, name.removeprefix(OF_LAMBDA)) if name.startswith(f"{OF_LAMBDA}{{{{") else None
    if other:
        yield ("LogGroupName",), f"reads the log of {other}, which is no function", "name the log group by Ref"
    if resource_of(stack, name, "AWS::Logs::LogGroup") or of_functions(name) or "{{" in name:
        return
    if not others_create(deployment, name):
        yield ("LogGroupName",), f"reads {name}, which no stack creates", "name the log group by Ref"


def of_pattern(properties: Mapping[str, Any]) -> Iterator[Fault]:
    pattern = str(properties.get("FilterPattern", "")).strip()
    bare = QUOTED.sub("", pattern)
    pairs = {"{": "}", "[": "]"}
    closing = pairs.get(pattern[:1], "") if not pattern.startswith("{{") else ""
    if not pattern.endswith(closing) or '"' in bare or (closing == "}" and bare.count("(") != bare.count(")")):
        yield ("FilterPattern",), f"has the pattern {pattern!r}, which is not closed", "close what it opens"


def of_values(properties: Mapping[str, Any]) -> Iterator[Fault]:
    pattern = str(properties.get("FilterPattern", "")).strip()
    json, columns = pattern.startswith("{") and not pattern.startswith("{{"), pattern.startswith("[")
    for index, item in enumerate(as_list(properties.get("MetricTransformations", []))):
        stated, path = as_mapping(item), ("MetricTransformations", index)
        value = str(stated.get("MetricValue", ""))
        if is_zero(value):
            yield (*path, "MetricValue"), f"counts {value} for each line, so nothing", "count 1"
        if "Dimensions" in stated and "DefaultValue" in stated:
            yield (*path, "DefaultValue"), "has dimensions and a default value", "leave out one of them"
        taken = [("MetricValue", value)]
        taken += [("Dimensions", str(as_mapping(each).get("Value"))) for each in as_list(stated.get("Dimensions", []))]
        for key, text in taken:
            if text.startswith("$") and not (json if text.startswith("$.") else columns):
                message = f"takes {text} of lines that its pattern {pattern!r} does not read so"
                fix = "write a pattern in braces for $.FIELD, in brackets for $FIELD"
                yield (*path, key), message, fix
            other = differs_in_case(text, pattern) if text.startswith("$.") and json else ""
            if other:
                message = f"takes {text} of lines in which its pattern reads {other}: fields differ by case"
                yield (*path, key), message, f"write {other}"


def differs_in_case(field: str, pattern: str) -> str:
    """Return the field that a pattern reads under another case of its letters, "" if it reads none, or the same."""
    read = re.findall(r"\$\.[\w.]+", pattern)
    return next((each for each in read if each.lower() == field.lower()), "") if field not in read else ""


def is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False
