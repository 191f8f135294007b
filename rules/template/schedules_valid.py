"""Every schedule is an expression that its service takes, and the plans of AWS Backup say when they run.

A cron expression of AWS has six fields, minutes to years, and one of its two days is a question mark; a rate is a whole
number of minutes, hours or days, and one of it is singular. A plan without a schedule runs when AWS Backup thinks fit.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingPlanForCreate.html
pack: core
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from stackproof.api import Deployment, Finding, Path, Stack, properties_path

APPLIES_TO = (
    "AWS::Events::Rule",
    "AWS::Scheduler::Schedule",
    "AWS::Backup::BackupPlan",
    "AWS::Backup::RestoreTestingPlan",
)
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minutes", 0, 59, []),
    ("hours", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, MONTHS),
    ("day of the week", 1, 7, DAYS),
    ("year", 1970, 2199, []),
)


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        for path, expression in schedules(stack):
            if why := "it has none" if expression is None else wrong(expression):
                shown = "" if expression is None else f" {expression!r}"
                message = f"{path[1]} runs by no schedule{shown}: {why}"
                yield stack.finding(path, message, "write cron(minutes hours day month weekday year) or rate(N units)")
        yield from of_window(stack)


def of_window(stack: Stack) -> Iterator[Finding]:
    """Find schedules of EventBridge Scheduler that end before they begin.

    Source: EventBridge Scheduler API Reference, "CreateSchedule", StartDate and EndDate.
    """
    for logical, properties in stack.of_type("AWS::Scheduler::Schedule"):
        first, last = (moment(properties.get(key)) for key in ("StartDate", "EndDate"))
        if first and last and last <= first:
            message = f"{logical} ends at {properties['EndDate']}, before it begins at {properties['StartDate']}"
            yield stack.finding(properties_path(logical, "EndDate"), message, "set EndDate to a later moment")


def moment(text: object) -> datetime | None:
    """Return the moment that a text of ISO 8601 is, in UTC where it says no zone; None where it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def schedules(stack: Stack) -> Iterator[tuple[Path, str | None]]:
    for kind in APPLIES_TO:
        for logical, properties in stack.of_type(kind):
            path: Path = properties_path(logical)
            if kind == "AWS::Backup::BackupPlan":
                for index, rule in enumerate(properties.get("BackupPlan", {}).get("BackupPlanRule", [])):
                    yield (*path, "BackupPlan", "BackupPlanRule", index), rule.get("ScheduleExpression")
            elif "EventPattern" not in properties:
                yield path, properties.get("ScheduleExpression")


def wrong(expression: str) -> str:
    """Return what is wrong with an expression, "" if nothing is."""
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression)
    if rate:
        return "" if int(rate[1]) and (rate[1] == "1") is not bool(rate[3]) else "one is singular, more are plural"
    if re.fullmatch(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)", expression):
        return ""
    cron = re.fullmatch(r"cron\((.*)\)", expression)
    fields = cron[1].split() if cron else []
    if len(fields) != len(FIELDS):
        return "it is neither a rate nor a cron expression of six fields"
    if (fields[2] == "?") is (fields[4] == "?"):
        return "one of day of the month and day of the week has to be ?"
    for field, (name, least, most, names) in zip(fields, FIELDS, strict=True):
        if not all(fits(part, least, most, names) for part in field.split(",")) or ("?" in field and "day" not in name):
            return f"{field} is no {name}"
    return ""


def fits(part: str, least: int, most: int, names: list[str]) -> bool:
    """Tell whether a part of a field is a number or a name, a range, a step, a wildcard, or a day as L, W or # say."""
    part = re.sub("[A-Z]{3}", lambda found: str(names.index(found[0]) + least) if found[0] in names else found[0], part)
    form = re.fullmatch(r"(\*|\?|L|LW|\d+W|\d+L|\d+#[1-5]|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
    numbers = [int(number) for number in form.group(2, 3) if number is not None] if form else []
    return form is not None and all(least <= number <= most for number in numbers)
