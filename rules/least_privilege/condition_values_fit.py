"""What a condition compares with a key of every service is of the kind that the key has: an account, a region, an ARN.

A region where an account's id belongs, or a name where an ARN does, is never equal to what comes: an Allow lets nobody
in, and a Deny stops nobody. EventBridge Scheduler assumes a role as the group of a schedule, never as the schedule.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackproof.api import Deployment, Finding, as_list
from stackproof.iam.statements import Statement, statements

APPLIES_TO = ("Resources",)
ACCOUNT, ARN, REGION, FLAG = "an account's id", "an ARN", "a region", "true or false"
FORMS = {
    ACCOUNT: re.compile(r"[0-9*?]{1,12}"),
    ARN: re.compile(r"arn:.*|[*?].*"),
    REGION: re.compile(r"[a-z*?]{2,}(-[a-z0-9*?]+)*"),
    FLAG: re.compile("true|false", re.I),
}
SCHEDULE = re.compile(r"arn:[^:]+:scheduler:.*:schedule/.*")
KINDS = {
    **dict.fromkeys(("aws:principalaccount", "aws:resourceaccount", "aws:sourceaccount", "aws:sourceowner"), ACCOUNT),
    **dict.fromkeys(("aws:principalarn", "aws:sourcearn"), ARN),
    "aws:requestedregion": REGION,
    **dict.fromkeys(("aws:multifactorauthpresent", "aws:principalisawsservice", "aws:securetransport"), FLAG),
    "aws:viaawsservice": FLAG,
}
"""The kinds of global condition keys. Source: IAM User Guide, "AWS global condition context keys"."""


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for statement in statements(stack):
            for operator, key, value in tests(statement):
                kind = KINDS[key.lower()]
                message = f"{statement.owner} compares {key} with {value!r}, which is not {kind}"
                path = (*statement.path, "Condition", operator, key)
                yield stack.finding(path, message, f"compare it with {kind}")
            for operator, key, value in schedules(statement):
                message = f"{statement.owner} compares {key} with the schedule {value}, and Scheduler sends its group"
                path = (*statement.path, "Condition", operator, key)
                yield stack.finding(path, message, "compare it with the ARN of the group: ...:schedule-group/GROUP")


def schedules(statement: Statement) -> Iterator[tuple[str, str, str]]:
    """Give the tests by which a role trusts EventBridge Scheduler for one schedule: it comes as the group of it."""
    if statement.is_trust and "scheduler.amazonaws.com" in statement.services():
        for operator, keys in statement.conditions.items():
            for key, wanted in keys.items() if isinstance(keys, dict) else ():
                for value in map(str, as_list(wanted)) if key.lower() == "aws:sourcearn" else ():
                    if SCHEDULE.fullmatch(value):
                        yield operator, key, value


def tests(statement: Statement) -> Iterator[tuple[str, str, str]]:
    """Give operator, key and value of each test that nothing can meet; what only AWS knows may be anything."""
    for operator, keys in statement.conditions.items():
        for key, wanted in keys.items() if operator.split(":")[-1] != "Null" and isinstance(keys, dict) else ():
            kind = KINDS.get(key.lower(), "")
            for value in map(str, as_list(wanted)) if kind else ():
                if "{{" not in value and "${" not in value and not FORMS[kind].fullmatch(value):
                    yield operator, key, value
