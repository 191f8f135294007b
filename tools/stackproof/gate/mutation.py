"""How well the rules guard a template: every mutant put to the gate, the survivors listed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import stackproof
from stackproof.evaluation import scenario
from stackproof.evaluation.deployment import resolved
from stackproof.evaluation.scenario import Pair
from stackproof.foundation.document import Document
from stackproof.foundation.finding import CannotTell
from stackproof.foundation.progress import Screen
from stackproof.gate import branch_coverage, choice, configuration, refusals
from stackproof.gate.mutants import Mutant, applied, mutants
from stackproof.gate.refusals import Refusal
from stackproof.rules import rule_files
from stackproof.rules.rule_files import Rule
from stackproof.rules.runner import Subjects, run_rule
from stackproof.template import loader as templates

SURVIVED = ""
LINT_ID = re.compile("[EIW][0-9]{4}")


@dataclass(frozen=True)
class Trial:
    """A mutant and what noticed it: a rule's name, "cannot tell", or "" if nothing did."""

    mutant: Mutant
    by: str


@dataclass(frozen=True, eq=False)
class Gate:
    """What mutants are put to; read once, then shared with every process. Rules that are `required` must apply."""

    template: Document
    pairs: tuple[Pair, ...]
    rules: tuple[Rule, ...]
    refused: tuple[Refusal, ...]
    lint: bool
    required: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """A hash of everything that a trial's result depends on."""
        given = (self.template.text, self.pairs, self.rules, self.refused, self.lint, sorted(self.required))
        said = hashlib.sha256(repr(given).encode())
        for file in sorted(Path(stackproof.__file__).parent.rglob("*")):
            if file.suffix in (".py", ".yaml", ".json"):  # modules, and the tables of facts that they read
                said.update(file.read_bytes())
        return said.hexdigest()


def load(template_path: str, folders: Sequence[str], scenarios_path: str, project_path: str, *, lint: bool) -> Gate:
    """Read what the mutants are put to; raise CannotTell unless the unchanged template passes."""
    read = templates.load(template_path)
    chosen = choice.made(rule_files.discover(*folders), configuration.read(project_path))
    pairs, refused = scenario.load(scenarios_path), refusals.load(scenarios_path)
    gate = Gate(read, pairs, chosen.rules, refused, lint, chosen.required)
    _share(gate)
    by = noticed(json.dumps(gate.template.value))
    if by != SURVIVED:
        raise CannotTell(f"the template itself does not pass: {by}", fix="run stackproof check first")
    return gate


_shared: list[Gate] = []


def _share(gate: Gate) -> None:
    _shared[:] = [gate]


def noticed(text: str) -> str:
    """Return what notices a changed template first, "" if nothing does."""
    gate = _shared[0]
    try:
        template = templates.parse(text, f"{gate.template.path}.json")
        deployments = [resolved(template, pair) for pair in gate.pairs]
        subjects = Subjects()
        for rule in gate.rules:
            verdict = run_rule(rule, deployments, subjects)
            unmet = verdict.unmet and rule.name in gate.required
            if verdict.errors or verdict.findings or unmet:
                return rule.name
        stacks = [stack for deployment in deployments for stack in deployment.stacks]
        if branch_coverage.measure(template, stacks).untaken:
            return branch_coverage.RULE
        if any(refusals.check(template, gate.refused)):
            return refusals.RULE
    except CannotTell:
        return "cannot tell"
    return _linted(text) if gate.lint else SURVIVED


def _linted(text: str) -> str:
    """Return the id of the first rule of cfn-lint that notices a template as written."""
    from stackproof.lint.worker import Linter  # importing it takes 0.5 s, and only this needs it

    if not _linter:
        _linter.append(Linter())
    regions = sorted({side.region for pair in _shared[0].pairs for side in pair.sides})
    job = {"number": 0, "text": text, "path": _shared[0].template.path, "regions": regions}
    linter = _linter[0]
    assert isinstance(linter, Linter)
    return next((str(match["rule"]) for match in linter.run(job)), SURVIVED)


_linter: list[object] = []


def _try(job: tuple[int, str]) -> tuple[int, str]:
    return job[0], noticed(job[1])


WHOLE = (1, 1)


def part_of(text: str) -> tuple[int, int]:
    """Read which part of the mutants is meant: 2/4 is the second of four."""
    number, slash, parts = text.partition("/")
    if not (slash and number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        raise CannotTell(f"{text!r} is no part", fix="write 1/4 for the first of four")
    return int(number), int(parts)


def run(
    gate: Gate, state: Path, workers: int | None = None, part: tuple[int, int] = WHOLE
) -> Iterator[tuple[int, Trial]]:
    """Put a part of the mutants to the gate, on all cores; give (how many there are, trial) as they end.

    Results are kept in `state`, a line each under the gate's key: a run that was broken off goes on where it was.
    """
    every = list(mutants(gate.template))[part[0] - 1 :: part[1]]
    known = _read(state, gate.key)
    for mutant in every:
        if mutant.name in known:
            yield len(every), Trial(mutant, known[mutant.name])
    left = {number: mutant for number, mutant in enumerate(every) if mutant.name not in known}
    jobs = ((number, json.dumps(applied(gate.template, mutant))) for number, mutant in left.items())
    context = multiprocessing.get_context("fork")
    with context.Pool(workers or os.cpu_count(), _share, (gate,)) as pool, state.open("a", encoding="utf-8") as file:
        for number, by in pool.imap_unordered(_try, jobs):
            file.write(f"{json.dumps([left[number].name, by])}\n")
            file.flush()
            yield len(every), Trial(left[number], by)


def _read(state: Path, key: str) -> dict[str, str]:
    """Return the results kept for a gate; begin anew, with the key, if they are another's or damaged.

    The files of several parts, one behind the other, are one.
    """
    try:
        first, *lines = state.read_text(encoding="utf-8").splitlines()
        if json.loads(first) == key:
            return dict(json.loads(line) for line in lines if line != first)
    except (OSError, ValueError):
        pass
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text(f"{json.dumps(key)}\n", encoding="utf-8")
    return {}


def collect(gate: Gate, state: Path, workers: int | None, screen: Screen, part: tuple[int, int]) -> list[Trial]:
    """Run to the end, with progress on a screen, and return the trials in the order of the template."""
    found: list[Trial] = []
    try:
        for count, trial in run(gate, state, workers, part):
            if not found:
                screen.begin(f"{count} mutants", count, "mutant")
            found.append(trial)
            screen.advance()
    finally:
        screen.end()
    order = {mutant.name: number for number, mutant in enumerate(mutants(gate.template))}
    return sorted(found, key=lambda trial: order[trial.mutant.name])


def share(trials: Sequence[Trial]) -> float:
    """Return how many of a hundred mutants are noticed."""
    return 100 * sum(trial.by != SURVIVED for trial in trials) / max(len(trials), 1)


def summary(trials: Sequence[Trial]) -> str:
    """Return the figure, and the survivors under the resource that each belongs to."""
    survivors = [trial.mutant for trial in trials if trial.by == SURVIVED]
    linted = sum(LINT_ID.fullmatch(trial.by) is not None for trial in trials)
    lines = [
        f"{len(trials) - len(survivors)} of {len(trials)} mutants are noticed, {share(trials):.1f} %",
        f"{linted} of them by cfn-lint alone, {100 * linted / max(len(trials), 1):.1f} %",
    ]
    for resource, members in groupby(survivors, lambda mutant: mutant.resource):
        lines += [resource, *(f"  {mutant.name}" for mutant in members)]
    return "\n".join(lines)
