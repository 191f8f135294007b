"""Parameters that a template has to refuse before anything is created, read from scenarios.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stackproof.acceptance import refusal
from stackproof.document import Document
from stackproof.finding import Finding
from stackproof.scenario import Reader, Scenario, command_line
from stackproof.template import load_document

RULE = "refuses_parameters"
KEYS = {"name", "because", "region", "parameters"}


@dataclass(frozen=True)
class Refusal:
    """A stack that must not come to be, and the parameter or the rule of the template that has to refuse it."""

    scenario: Scenario
    because: str


def load(path: str) -> tuple[Refusal, ...]:
    """Read `refused` of a scenarios file, a list of {name, because, region, parameters}; raise CannotTell if amiss."""
    reader = Reader(load_document(path, text_only=True))
    entries = reader.at(("refused",)) or []
    if not isinstance(entries, list):
        raise reader.refuse(("refused",), "refused must be a list", "write a list")
    found = []
    for index, entry in enumerate(entries):
        here = ("refused", index)
        if not isinstance(entry, dict) or entry.keys() != KEYS:
            raise reader.refuse(here, f"a refusal has just {', '.join(sorted(KEYS))}", "mend it")
        given = reader.parameters((*here, "parameters"))
        stack = command_line(entry["region"], "111111111111", "refused", given)
        found.append(
            Refusal(
                Scenario(entry["name"], stack.side, stack.region, stack.account, stack.stack, given), entry["because"]
            )
        )
    return tuple(found)


def check(template: Document, refusals: Sequence[Refusal]) -> Iterator[Finding]:
    """Give a finding for each that the template accepts, or refuses for another reason than it should."""
    for one in refusals:
        section = "Parameters" if one.because in template.value.get("Parameters", {}) else "Rules"
        path = (section, one.because)
        named = f"Parameter '{one.because}'" if section == "Parameters" else f"rule {one.because} "
        said = refusal(template, one.scenario)
        if named not in said:
            problem = f"is refused for another reason: {said}" if said else "is accepted"
            message = f"{one.scenario.name}: {one.because} has to refuse it, but it {problem}"
            fix = f"let {one.because} refuse it"
            yield Finding(RULE, template.place(path), one.scenario.name, "both", message, fix, path)
