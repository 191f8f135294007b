"""Which templates a project has: its own, and further ones that are checked beside it."""

from __future__ import annotations

import re
from pathlib import Path as FilePath
from typing import NamedTuple

from stackproof.gate.configuration import Configuration

TEMPLATE, RULES, SCENARIOS = "lib/TapStack.json", "rules", "rules/scenarios.yaml"


FURTHER_FILES = re.compile(r"^(?!\s*#).*\b(template|parameter-files)\b", re.M)


def names_further_files(scenarios: str) -> bool:
    """Tell whether the text of scenarios may name further files, on which a result then depends; comments name none."""
    return bool(FURTHER_FILES.search(scenarios))


class Member(NamedTuple):
    """A template and the file of its scenarios, or their text where no file holds them.

    `own` if it is the project's own template, or one in its place: the rules that the project requires must apply.
    """

    template: str
    scenarios: str
    own: bool = False
    stated: str = ""


class Former(NamedTuple):
    """A template before an update: the path of the template now, its text before, and how that is named.

    `scenarios` is the text of its scenarios then, "" where those of now count, and `scenarios_path` the file that it
    was read from. `text` is "" where the template is new. `deployment` is the scenario that all stacks had then, ""
    where each had the one that it has now.
    """

    template: str
    text: str
    name: str
    scenarios: str = ""
    scenarios_path: str = ""
    deployment: str = ""


def further_templates(project: Configuration) -> tuple[Member, ...]:
    """Return the further templates of a project. What it requires of its own template, these need not have."""
    return tuple(Member(row["template"], row["scenarios"]) for row in project.value.get("templates", ()))


def own_template(project: Configuration) -> str:
    """Return the template that is checked where none is named."""
    return str(project.value.get("template", TEMPLATE))


def own_scenarios(project: Configuration) -> str:
    return str(project.value.get("scenarios", SCENARIOS))


def member(project: Configuration, template: str, scenarios: str | None) -> Member:
    """Return a template as the project has it: with its own scenarios, unless others are given.

    One that is checked with the project's scenarios stands in the place of the project's own template.
    """
    for further in further_templates(project):
        if FilePath(further.template) == FilePath(template):
            return Member(template, further.scenarios if scenarios is None else scenarios)
    own = own_scenarios(project)
    scenarios_file = scenarios or own
    return Member(template, scenarios_file, own=_same(scenarios_file, own))


def _same(first: str, second: str) -> bool:
    try:
        return FilePath(first).samefile(second)
    except OSError:
        return FilePath(first) == FilePath(second)
