"""Where alarms name a runbook each says what is wrong and names its section, and the page has that section.

Whoever is called at night reads the alarm's description first. A page, or a section of it, that is not there leaves him
to find out what somebody knew already, and so does the one alarm of many that names none.
Source:
https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ready_to_support_use_runbooks.html
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
pack: house
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from stackproof.api import Deployment, Finding, Stack, properties_path

APPLIES_TO = ("AWS::CloudWatch::Alarm",)
REFERENCE = re.compile(r"([\w./-]+\.md)#([\w-]+)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.M)
NOT_OF_ANCHOR = re.compile(r"[^\w\- ]")
FIX = "write what is wrong, and PAGE.md#SECTION as it is in the repository"


def check(deployment: Deployment) -> Iterator[Finding]:
    for stack in deployment.stacks:
        alarms = [*stack.of_type("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")]
        if not any(REFERENCE.search(str(properties.get("AlarmDescription"))) for _, properties in alarms):
            continue
        for logical, properties in alarms:
            if why := missing(stack, str(properties.get("AlarmDescription", ""))):
                yield stack.finding(properties_path(logical, "AlarmDescription"), f"{logical} {why}", FIX)


def missing(stack: Stack, description: str) -> str:
    """Return what keeps a reader of an alarm's description from knowing what to do, "" if nothing does."""
    found = REFERENCE.search(description)
    if not found:
        return "names no section of a runbook"
    if not description[: found.start()].strip(" :"):
        return "does not say what is wrong"
    page, section = found.groups()
    known = sections(page, stack.template.path)
    if known is None:
        return f"names {page}, which is not there"
    return "" if section in known else f"names the section {section} of {page}, which the page does not have"


@lru_cache(maxsize=64)
def sections(page: str, template: str) -> frozenset[str] | None:
    """Return the anchors of a page's headings, None if there is no such page.

    It is looked for from the current folder, from the template's folder upwards, and from where this rule and the
    harness are: in a copy of a template and rules, as tests make it, the page is still that of the repository.
    Source: GitHub documentation, "Basic writing and formatting syntax", section links.
    """
    homes = (template, __file__, inspect.getfile(Deployment))
    above = (Path(), *(folder for home in homes for folder in Path(home).resolve().parents))
    file = next((folder / page for folder in above if (folder / page).is_file()), None)
    if file is None:
        return None
    headings = HEADING.findall(file.read_text(encoding="utf-8"))
    return frozenset(NOT_OF_ANCHOR.sub("", heading.lower()).replace(" ", "-") for heading in headings)
