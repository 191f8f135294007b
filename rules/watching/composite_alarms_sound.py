"""Every composite alarm is a sentence that CloudWatch reads, of alarms that are there and not of itself.

The rule of a composite alarm knows ALARM, OK, INSUFFICIENT_DATA, TRUE and FALSE, joined by AND, OR and NOT. Another
word is refused; the name of an alarm that is not there, or of another region, is refused as well, and one of itself
never comes to an end. While its suppressor is in ALARM a composite alarm takes no action: an alarm of which it tells
by itself is no suppressor.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, Stack, properties_path, resource_of
from stackproof.topology.texts import of_functions

APPLIES_TO = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
KINDS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
STATE = re.compile(r"\b([A-Za-z_]+)\s*\(\s*(\"[^\"]*\"|'[^']*'|\{\{[^}]*\}\}[^\s()]*|[^\s()\"']+)\s*\)")
STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
WORDS = re.compile(r"[^\s()]+")


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for logical, properties in stack.of_type("AWS::CloudWatch::CompositeAlarm"):
            for message, fix in faults(deployment, stack, logical, str(properties.get("AlarmRule", ""))):
                yield stack.finding(properties_path(logical, "AlarmRule"), f"{logical} {message}", fix)
            suppressor = resource_of(stack, properties.get("ActionsSuppressor"), *KINDS)
            if suppressor and suppressor in alone(stack, str(properties.get("AlarmRule", ""))):
                message = f"{logical} is suppressed by {suppressor}, of which it is to tell"
                path = properties_path(logical, "ActionsSuppressor")
                yield stack.finding(path, message, "name an alarm that says why the others may be ignored")


def alone(stack: Stack, rule: str) -> frozenset[str | None]:
    """Return the alarms of which each brings a rule to ALARM, where it joins states by OR alone."""
    words = {word.upper() for word in WORDS.findall(STATE.sub(" ", rule))}
    found = [resource_of(stack, name.strip("\"'"), *KINDS) for state, name in STATE.findall(rule) if state == "ALARM"]
    return frozenset(found) - {None} if words <= {"OR"} else frozenset()


def faults(deployment: Deployment, stack: Stack, logical: str, rule: str) -> Iterator[tuple[str, str]]:
    for state, quoted in STATE.findall(rule):
        name = quoted.strip("\"'")
        if state.upper() == "NOT":
            continue
        if state not in STATES:
            yield f"asks for {state}, which is no state of an alarm", f"write one of {', '.join(STATES)}"
        found = resource_of(stack, name, *KINDS)
        if found == logical:
            yield "is made of itself", "name other alarms"
        elif found is None and not of_functions(name) and not deployment.is_external(name):
            yield f"asks for the alarm {name!r}, which the stack does not create", "name it by Ref or Fn::GetAtt"
    if of_functions(STATE.sub("", rule)):
        return
    for word in WORDS.findall(STATE.sub(" ", rule)):
        if word.upper() not in ("AND", "OR", "NOT", "TRUE", "FALSE"):
            yield f"has {word!r} in its rule, which CloudWatch does not read", "join states by AND, OR and NOT"
