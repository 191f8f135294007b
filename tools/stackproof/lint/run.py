"""cfn-lint on the template as written and on every folded side, in processes of their own beside the gate's work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from stackproof.evaluation.stack import Stack
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell, Finding, Path, Place, Severity, Side
from stackproof.lint.process import Process

AS_WRITTEN = {
    "E1029": "${X} outside of Fn::Sub: folding turns ${!X} into it",
    "I1022": "Fn::Join where Fn::Sub would do: folding leaves a Join of what it cannot work out",
    "I3042": "a partition, region or account written out in an ARN: folding writes them out",
    "W2501": "a password written out: folding writes parameters out",
    "W3005": "a DependsOn that a reference makes needless: in another scenario there may be no reference",
    "W3010": "an availability zone written out: folding writes the region out",
}
"""cfn-lint's rules on how a template is written, each with why it is judged on the template as written only."""

SEVERITY: Mapping[str, Severity] = {"E": "error", "W": "warning", "I": "info"}
CRASH = re.compile("Exception .* raised while validating")
OF_DEPENDENCIES = ("E3004", "E3005")
"""What cfn-lint says of dependencies that a condition may take away, which no stack shows."""

WHOLE = -1
"""The number of the template as written among the jobs; the stacks are counted from 0."""
WEIGHT, SHARED = 2.0, 4.0
"""A template as written takes twice as long as a stack of its length; a further stack of a region takes a quarter."""


class Run:
    """What cfn-lint is asked of one template and its stacks, in a process that others may ask as well.

    `finish` gives its findings; `note` then says how many of this package's replacements of cfn-lint's inner loops
    apply, where not all do.
    """

    def __init__(self, process: Process, template: Document, stacks: Sequence[Stack], regions: Sequence[str]) -> None:
        """Ask for the template in the regions, and for each stack in its own, equal ones once.

        Where stacks have templates of their own, these are linted in the regions of their stacks.
        """
        self.note = ""
        self._process = process
        self._stacks: list[Stack] = []
        self._template = template
        self._written: dict[str, Document] = {template.path: template}
        own = {template.path: set(regions)}
        for stack in stacks:
            written = stack.template.written or stack.template
            self._written.setdefault(written.path, written)
            if written.path != template.path:
                own.setdefault(written.path, set()).add(stack.scenario.region)
        for at, read in enumerate(self._written.values()):
            job = {"number": self._number(WHOLE - at), "regions": sorted(own[read.path])}
            process.ask([{**job, "path": read.path, "text": read.text}], WEIGHT * len(read.text))
        # A region's stacks go to one process, which need not check again what they share.
        for group in self._by_region(stacks):
            texts = [len(job["value"]) for job in group]
            process.ask(group, texts[0] + sum(texts[1:]) / SHARED)

    def _number(self, number: int) -> list[int]:
        return [id(self), number]

    def _by_region(self, stacks: Sequence[Stack]) -> list[list[dict[str, Any]]]:
        groups: dict[str, dict[str, dict[str, Any]]] = {}
        for stack in stacks:
            region, text = stack.scenario.region, json.dumps(stack.value)
            group = groups.setdefault(region, {})
            if text not in group:
                job = {"number": self._number(len(self._stacks)), "regions": [region], "value": text}
                group[text] = {**job, "without": [*AS_WRITTEN]}
                self._stacks.append(stack)
        return [list(group.values()) for group in groups.values()]

    def finish(self) -> list[Finding]:
        """Wait for it and return its findings, each once; raise CannotTell if it could not lint everything."""
        result = self._process.result()
        if "error" in result:
            raise self._failed(f"cfn-lint did not run: {' '.join(result['error'].split())}")
        applied, known = result["speedups"]
        if applied < known:
            self.note = f"cfn-lint {result['version']}: {applied} of {known} speedups apply"
        own = [{**match, "number": match["number"][1]} for match in result["found"] if match["number"][0] == id(self)]
        matches = sorted(own, key=lambda match: int(match["number"]))
        on_sides = {_of_resource(match) for match in matches if match["number"] > WHOLE}
        counting = [match for match in matches if self._counts(match)]
        if self._stacks:
            counting = [match for match in counting if _holds_as_written(match) or _of_resource(match) in on_sides]
        return [*_once(self._finding(match) for match in counting)]

    def _finding(self, match: dict[str, Any]) -> Finding:
        number, path = match["number"], tuple(match["path"])
        side: Side = "both"
        if number <= WHOLE:
            place = _place([*self._written.values()][WHOLE - number], path, match)
            scenario = ""
        else:
            stack = self._stacks[number]
            place, scenario, side = stack.place(path), stack.scenario.name, stack.scenario.side
        # Ids of E0 are about the run: no template, a rule that crashed; a crash in a schema has the schema's rule.
        if match["rule"].startswith("E0") or CRASH.match(match["message"]):
            raise self._failed(f"cfn-lint did not run: {match['rule']}: {match['message']}", place)
        fix = f"read {match['source']}" if match["source"] else ""
        severity = SEVERITY[match["rule"][0]]
        return Finding(match["rule"], place, scenario, side, match["message"], fix, path, severity=severity)

    def _counts(self, match: dict[str, Any]) -> bool:
        """Tell whether a match counts: on a stack, unless it is about writing; on what a transform takes, only then.

        The stacks hold what the transforms make, with each scenario's values; cfn-lint takes defaults, and invents.
        """
        if match["number"] > WHOLE:
            return match["rule"] not in AS_WRITTEN
        template = [*self._written.values()][WHOLE - match["number"]]
        kept = match["rule"] in AS_WRITTEN or match["path"][:1] in (["Parameters"], ["Mappings"])
        return "Transform" not in template.value or kept

    def _failed(self, message: str, place: Place | None = None) -> CannotTell:
        return CannotTell(message, place, f"run cfn-lint on {self._template.path} by itself")


def _place(template: Document, path: Path, match: Mapping[str, Any]) -> Place:
    """Return where a match on a template as written stands; of one with transforms cfn-lint says it by its line."""
    plain = path and "Transform" not in template.value
    return template.place(path) if plain else Place(template.path, match["line"], match["column"])


def start(template: Document, stacks: Sequence[Stack], regions: Sequence[str]) -> Run:
    """Start cfn-lint, in a process of its own, on a template in the regions and on each of its folded stacks."""
    process = Process()
    run = Run(process, template, stacks, regions)
    process.begin()
    return run


def _holds_as_written(match: dict[str, Any]) -> bool:
    """Tell whether a finding holds though no stack has it.

    What a resource is, in one region or with one choice, is judged on the stacks, which have it where its conditions
    hold: as written, a type that a Condition keeps out of a region is found to be missing there. Source of the ids:
    cfn-lint, "Rules", 3XXX resources.
    """
    of_resource = match["path"][:1] == ["Resources"] and re.match("[EW]3", match["rule"])
    written_only = match["rule"] in (*AS_WRITTEN, *OF_DEPENDENCIES) or CRASH.match(match["message"])
    return bool(match["number"] > WHOLE or not of_resource or written_only)


def _of_resource(match: dict[str, Any]) -> tuple[Any, ...]:
    return (match["rule"], *match["path"][:2])


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give what is found at a place once: as written, else in the first scenario that has it."""
    seen: set[tuple[str, Place, str]] = set()
    for finding in findings:
        key = (finding.rule, finding.place, finding.message)
        if key not in seen:
            seen.add(key)
            yield finding
